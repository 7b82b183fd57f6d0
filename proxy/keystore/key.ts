// The keystore's key, as handles that no log or dump of an object prints.
import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { utf8 } from '../../shared/bytes.ts';
import { SimppError } from '../../shared/errors.ts';

export const keystoreKeyBytes = 32;

export interface KeystoreKey {
  /** Only for deriving. */
  readonly root: KeyObject;
  /** Seals columns. */
  readonly columns: KeyObject;
}

/** A secret of this installation for one use, named by its label: 32 bytes, the same each time. */
export function installationSecret(key: KeystoreKey, label: string): Uint8Array {
  return derive(key.root, label);
}

function derive(root: KeyObject, label: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', root, new Uint8Array(), utf8(`simpp-keystore/${label}`), 32));
}

/** Handles for 32 key bytes. */
export function keystoreKey(bytes: Uint8Array): KeystoreKey {
  if (bytes.length !== keystoreKeyBytes) {
    throw new SimppError('keystore-locked', `The keystore's key has ${bytes.length} bytes instead of 32.`);
  }
  const root = createSecretKey(bytes);
  return { root, columns: createSecretKey(derive(root, 'columns')) };
}
