// Sealed columns (docs/protocol.md §3 "At rest"): AES-256-GCM whose AAD names
// table, row and column, so that no sealed value can be moved to another place.
// Nonces are random: 2^32 values under one key stay within NIST SP 800-38D §8.3.
import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto';
import { concat } from '../../shared/bytes.ts';
import { SimppError } from '../../shared/errors.ts';
import type { KeystoreKey } from './key.ts';

const nonceBytes = 12;
const tagBytes = 16;

export interface ColumnPlace {
  readonly table: string;
  readonly row: string;
  readonly column: string;
}

/** Injective: each part is preceded by its length in 4 bytes. */
function placeBytes({ table, row, column }: ColumnPlace): Uint8Array {
  const parts = ['simpp-column', table, row, column];
  const bytes = Buffer.allocUnsafe(parts.reduce((length, part) => length + 4 + Buffer.byteLength(part), 0));
  let at = 0;
  for (const part of parts) {
    const length = bytes.write(part, at + 4);
    bytes.writeUInt32BE(length, at);
    at += 4 + length;
  }
  return bytes;
}

/** Nonces drawn ahead: one call for many costs what one call for one does, and a row is sealed for every message. */
const nonces = new Uint8Array(256 * nonceBytes);
let nextNonceAt = nonces.length;

function freshNonce(): Uint8Array {
  if (nextNonceAt === nonces.length) {
    randomFillSync(nonces);
    nextNonceAt = 0;
  }
  return nonces.slice(nextNonceAt, (nextNonceAt += nonceBytes));
}

/** Nonce ‖ ciphertext ‖ tag: 28 bytes longer than the plaintext. */
export function sealColumn(key: KeystoreKey, place: ColumnPlace, plaintext: Uint8Array): Uint8Array {
  const nonce = freshNonce();
  const cipher = createCipheriv('aes-256-gcm', key.columns, nonce);
  cipher.setAAD(placeBytes(place));
  return concat(nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
}

/** The plaintext; throws SimppError('keystore-locked') when key, place or value are not those that were sealed. */
export function openColumn(key: KeystoreKey, place: ColumnPlace, sealed: Uint8Array): Uint8Array {
  if (sealed.length < nonceBytes + tagBytes) {
    throw new SimppError('storage-failed', `A sealed value in ${place.table}.${place.column} is cut short.`);
  }
  const decipher = createDecipheriv('aes-256-gcm', key.columns, sealed.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  });
  decipher.setAAD(placeBytes(place));
  decipher.setAuthTag(sealed.subarray(-tagBytes));
  try {
    return concat(decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final());
  } catch (error) {
    throw new SimppError(
      'keystore-locked',
      `A sealed value in ${place.table}.${place.column} does not open: the keystore is another one, or the value was changed.`,
      { cause: error },
    );
  }
}
