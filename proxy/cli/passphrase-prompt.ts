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

/** What is asked for: a passphrase that is to be chosen, or one that exists. */
export interface PassphraseTexts {
  readonly choose: string;
  readonly existing: string;
}

const ofKeystore: PassphraseTexts = {
  choose: 'Choose a passphrase. Without it nothing here can be read again.',
  existing: 'Passphrase of the keystore?',
};

/** Asks for the passphrase; for a new one twice. Throws SimppError('cancelled'). */
export async function askPassphrase(
  isNew: boolean,
  terminal: Terminal = { input: process.stdin, output: process.stderr },
  texts: PassphraseTexts = ofKeystore,
): Promise<string> {
  const { isCancel, password } = await import('@clack/prompts');
  const ask = async (message: string, validate: (text: string | undefined) => string | undefined): Promise<string> => {
    const answer = await password({ message, validate, ...terminal });
    if (isCancel(answer)) throw new SimppError('cancelled');
    return answer;
  };
  const chosen = await ask(isNew ? texts.choose : texts.existing, (text) =>
    text === undefined || text === '' ? 'It must not be empty.' : undefined,
  );
  if (isNew) await ask('The same passphrase again.', (text) => (text === chosen ? undefined : 'It is another one.'));
  return chosen;
}
