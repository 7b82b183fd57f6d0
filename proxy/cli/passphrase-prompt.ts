// Asks for the keystore's passphrase on a terminal. The questions go to
// standard error: standard output is for results.

import type { Readable, Writable } from 'node:stream';
import { SimppError } from '../../shared/errors.ts';

/** Where is asked. */
export interface Terminal {
  readonly input: Readable;
  readonly output: Writable;
}

/** Whether there is somebody to ask. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** Asks for the passphrase; for a new one twice. Throws SimppError('cancelled'). */
export async function askPassphrase(
  isNew: boolean,
  terminal: Terminal = { input: process.stdin, output: process.stderr },
): Promise<string> {
  const { isCancel, password } = await import('@clack/prompts');
  const ask = async (message: string, validate: (text: string | undefined) => string | undefined): Promise<string> => {
    const answer = await password({ message, validate, ...terminal });
    if (isCancel(answer)) throw new SimppError('cancelled');
    return answer;
  };
  const chosen = await ask(
    isNew ? 'Choose a passphrase. Without it nothing here can be read again.' : 'Passphrase of the keystore?',
    (text) => (text === undefined || text === '' ? 'It must not be empty.' : undefined),
  );
  if (isNew) await ask('The same passphrase again.', (text) => (text === chosen ? undefined : 'It is another one.'));
  return chosen;
}
