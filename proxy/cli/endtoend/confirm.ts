// A question before what cannot be taken back: on a terminal a person answers
// it, elsewhere --yes has.
import { SimppError } from '../../../shared/errors.ts';
import type { Output } from '../output.ts';
import type { Terminal } from '../passphrase-prompt.ts';

/** Whether somebody sits at a terminal and can be asked. */
export function isAtTerminal({ json }: Output): boolean {
  return !json && process.stdin.isTTY && process.stdout.isTTY;
}

/** Throws SimppError: `cancelled` after a no, `usage` where nobody can be asked and --yes was not given. */
export async function confirmOrYes(
  question: string,
  yes: boolean,
  output: Output,
  needed: string = 'This cannot be undone: --yes says that you mean it.',
): Promise<void> {
  if (yes) return;
  if (!isAtTerminal(output)) throw new SimppError('usage', needed);
  await confirm(question, { input: process.stdin, output: process.stdout });
}

/** Throws SimppError('cancelled') unless the answer is yes. */
export async function confirm(message: string, terminal: Terminal): Promise<void> {
  const prompts = await import('@clack/prompts');
  const answer = await prompts.confirm({ message, initialValue: false, ...terminal });
  if (prompts.isCancel(answer) || !answer) throw new SimppError('cancelled');
}
