// Opens a folder's keystore, or makes it on first use: one random key, kept in
// a file, under a passphrase, or in the system's keyring.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { toBase64Url } from '../../shared/bytes.ts';
import { SimppError } from '../../shared/errors.ts';
import { decodeHeader, encodeHeader, type KeystoreHeader, type KeystoreKind } from './header.ts';
import { keystoreKey, keystoreKeyBytes, type KeystoreKey } from './key.ts';
import { systemKeyring, type Keyring } from './keyring.ts';
import { unwrapSecret, wrapSecret, type ScryptCost } from './passphrase.ts';
import { createPrivateFile, privateFolder, readPrivateFile } from './private-file.ts';

export interface KeystoreOptions {
  /** The kind of a keystore that does not exist yet; an existing one keeps its kind. */
  readonly kind?: KeystoreKind | undefined;
  /** Asks for the passphrase: a prompt, or SIMPP_PASSPHRASE_FILE; `isNew` when it is being chosen. */
  readonly passphrase?: ((isNew: boolean) => Promise<string>) | undefined;
  /** scrypt's cost for a new passphrase keystore. */
  readonly cost?: ScryptCost | undefined;
  readonly keyring?: Keyring | undefined;
}

const wrapPurpose = 'keystore';
const headerPath = (folder: string): string => join(folder, 'keystore.json');
const keyPath = (folder: string): string => join(folder, 'keystore.key');

function askPassphrase(options: KeystoreOptions, isNew: boolean): Promise<string> {
  if (options.passphrase === undefined) {
    throw new SimppError(
      'keystore-locked',
      'This keystore needs its passphrase: put it into a file and name that in SIMPP_PASSPHRASE_FILE.',
    );
  }
  return options.passphrase(isNew);
}

/** The kind of the folder's keystore; undefined when there is none yet. */
export function keystoreKind(folder: string): KeystoreKind | undefined {
  return readHeader(folder)?.kind;
}

function readHeader(folder: string): KeystoreHeader | undefined {
  const path = headerPath(folder);
  const bytes = readPrivateFile(path);
  return bytes && decodeHeader(bytes, path);
}

async function unlock(folder: string, header: KeystoreHeader, options: KeystoreOptions): Promise<KeystoreKey> {
  switch (header.kind) {
    case 'file': {
      const bytes = readPrivateFile(keyPath(folder));
      if (bytes === undefined) {
        throw new SimppError('keystore-locked', `The key file ${keyPath(folder)} is missing.`);
      }
      return keystoreKey(bytes);
    }
    case 'passphrase':
      return keystoreKey(await unwrapSecret(wrapPurpose, header.wrapped, await askPassphrase(options, false)));
    case 'keyring': {
      const secret = await (options.keyring ?? systemKeyring()).get(header.account);
      if (secret === undefined) {
        throw new SimppError('keystore-locked', "The system's keyring no longer has the key of this folder.");
      }
      return keystoreKey(secret);
    }
  }
}

/** Stores a fresh key where its kind keeps it, and says how to find it again. */
async function keep(folder: string, bytes: Uint8Array, options: KeystoreOptions): Promise<KeystoreHeader> {
  const kind = options.kind ?? 'file';
  switch (kind) {
    case 'file':
      // A key file without a header is left by a crash in between: it is taken over, never overwritten.
      createPrivateFile(keyPath(folder), bytes);
      return { kind };
    case 'passphrase':
      return { kind, wrapped: await wrapSecret(wrapPurpose, bytes, await askPassphrase(options, true), options.cost) };
    case 'keyring': {
      const account = toBase64Url(randomBytes(12));
      await (options.keyring ?? systemKeyring()).set(account, bytes);
      return { kind, account };
    }
  }
}

/** The key of the folder's keystore, made on first use; throws SimppError('keystore-locked') with what to do about it. */
export async function openKeystore(folder: string, options: KeystoreOptions = {}): Promise<KeystoreKey> {
  privateFolder(folder);
  const existing = readHeader(folder);
  if (existing !== undefined) return unlock(folder, existing, options);
  const bytes = new Uint8Array(randomBytes(keystoreKeyBytes));
  try {
    const header = await keep(folder, bytes, options);
    const isFirst = createPrivateFile(headerPath(folder), encodeHeader(header));
    // A key file may be another process's; the two other kinds are ours when the header is.
    if (isFirst && header.kind !== 'file') return keystoreKey(bytes);
  } finally {
    bytes.fill(0);
  }
  // When another process was faster, its header stands and its key is the one.
  const stored = readHeader(folder);
  if (stored === undefined) throw new SimppError('storage-failed', `${headerPath(folder)} vanished while it was made.`);
  return unlock(folder, stored, options);
}
