// The keystore as commands open it: of which kind a new one is, and where its
// passphrase comes from. No passphrase is ever taken from the command line or
// from a variable, where other processes could read it.

import { readFileSync } from 'node:fs';
import { SimppError } from '../../shared/errors.ts';
import type { Home } from '../config/home.ts';
import type { KeystoreKind } from '../keystore/header.ts';
import type { KeystoreKey } from '../keystore/key.ts';
import { systemKeyring } from '../keystore/keyring.ts';
import { keystoreKind, openKeystore } from '../keystore/keystore.ts';
import { keystoreKinds } from '../keystore/kinds.ts';
import { HintedError } from './hint.ts';
import { askPassphrase, canAsk } from './passphrase-prompt.ts';

/** How a command opens the keystore. */
export interface OpenOptions {
  /** The kind of one that does not exist yet; else as SIMPP_KEYSTORE says, else a key file. */
  readonly kind?: KeystoreKind | undefined;
  /** The passphrase of a new one, when it was asked for already. */
  readonly passphrase?: string | undefined;
  readonly warn: (text: string) => void;
}

/** Opens the keystore of a folder, or makes it; throws SimppError. */
export async function openHomeKeystore(home: Home, { kind, passphrase, warn }: OpenOptions): Promise<KeystoreKey> {
  const existing = keystoreKind(home.keystoreDir);
  const wanted = existing ?? (await usableKind(kind ?? wantedKind(), home, warn));
  return openKeystore(home.keystoreDir, {
    kind: wanted,
    ...(passphrase === undefined || existing !== undefined
      ? passphraseSource()
      : { passphrase: () => Promise.resolve(passphrase) }),
  });
}

/** Whether the passphrase of an existing keystore, if it needs one, can be had without asking. */
export function hasPassphraseAtHand(home: Home): boolean {
  return keystoreKind(home.keystoreDir) !== 'passphrase' || passphraseFile() !== undefined;
}

/** Whether this session has a keyring that answers. */
export async function hasKeyring(): Promise<boolean> {
  try {
    await systemKeyring().get('is there a keyring?');
    return true;
  } catch {
    return false;
  }
}

/** A server without a desktop has no keyring: there, and only for a new keystore, a key file takes its place. */
async function usableKind(kind: KeystoreKind, home: Home, warn: (text: string) => void): Promise<KeystoreKind> {
  if (kind !== 'keyring' || (await hasKeyring())) return kind;
  warn(
    `This session has no keyring that answers; the keystore's key is kept in a file in ${home.keystoreDir} instead.`,
  );
  return 'file';
}

function wantedKind(): KeystoreKind {
  const wanted = process.env['SIMPP_KEYSTORE'];
  if (wanted === undefined || wanted === '') return passphraseFile() === undefined ? 'file' : 'passphrase';
  const kind = keystoreKinds.find((candidate) => candidate === wanted);
  if (kind === undefined) {
    throw new SimppError('usage', `SIMPP_KEYSTORE must be ${keystoreKinds.join(', ')}, not ${wanted}.`);
  }
  return kind;
}

function passphraseFile(): string | undefined {
  const file = process.env['SIMPP_PASSPHRASE_FILE'];
  return file === '' ? undefined : file;
}

function passphraseSource(): { passphrase?: (isNew: boolean) => Promise<string> } {
  const file = passphraseFile();
  if (file !== undefined) return { passphrase: async () => readPassphrase(file) };
  return canAsk() ? { passphrase: askPassphrase } : {};
}

function readPassphrase(file: string): string {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/, 1)[0] ?? '';
  } catch (cause) {
    const text = `The passphrase file ${file} cannot be read.`;
    throw new HintedError('keystore-locked', text, 'SIMPP_PASSPHRASE_FILE names it.', { cause });
  }
}
