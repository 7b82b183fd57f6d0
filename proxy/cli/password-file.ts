// Passwords come from a file, stdin or a hidden prompt, never from the command
// line or the environment, which other processes can see.

import { readFileSync } from 'node:fs';
import { SimppError } from '../../shared/errors.ts';
import { saslPrep } from '../../shared/xmpp/saslprep.ts';
import { HintedError } from './hint.ts';

const maxSecretBytes = 1024;

/** The first line of a file; `-` is stdin. */
export function readPasswordFile(file: string): string {
  return checkPassword(readSecretFile(file, 'password'));
}

/** The only line of a file that holds a secret; `what` it is, is for the errors. `-` is stdin. */
export function readSecretFile(file: string, what: string): string {
  const bytes = read(file, what);
  if (bytes.length > maxSecretBytes) throw new SimppError('usage', `The ${what} file is larger than 1 KiB.`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new SimppError('usage', `The ${what} file is not UTF-8 text.`);
  }
  const [secret = '', ...rest] = text.split(/\r?\n/);
  if (rest.some((line) => line !== '')) {
    throw new SimppError('usage', `The ${what} file has more than one line.`);
  }
  return secret;
}

/** The password as it was typed, when a server can accept it at all. */
export function checkPassword(password: string): string {
  try {
    saslPrep(password);
  } catch {
    // No cause: it could quote the password.
    throw new SimppError('usage', 'The password is empty or has characters that no server accepts.');
  }
  return password;
}

function read(file: string, what: string): Uint8Array {
  try {
    return readFileSync(file === '-' ? 0 : file);
  } catch (error) {
    throw new HintedError(
      'usage',
      `The ${what} file ${file} cannot be read.`,
      'Is its name right, and may you read it?',
      {
        cause: error,
      },
    );
  }
}
