// AES on node:crypto. Keys go in as KeyObjects: with raw bytes each call pays
// four to five times as much on small messages.

import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { concat } from '../../shared/bytes.ts';
import { assertLength } from '../../shared/crypto/length.ts';
import type { Aead, BlockCipher, SymmetricKey } from '../../shared/crypto/provider.ts';
import { plain } from './plain.ts';

const tagBytes = 16;
const nonceBytes = 12;
const blockBytes = 16;
const gcmOptions = { authTagLength: tagBytes };

class NodeSymmetricKey implements SymmetricKey {
  readonly #bytes: Uint8Array;
  readonly #key: KeyObject;

  constructor(bytes: Uint8Array) {
    assertLength('a key of AES-256-GCM', bytes, 32);
    this.#bytes = new Uint8Array(bytes);
    this.#key = createSecretKey(this.#bytes);
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  static keyOf(handle: SymmetricKey): KeyObject {
    return #key in handle ? handle.#key : new NodeSymmetricKey(handle.bytes).#key;
  }
}

/** AES-256-GCM of OpenSSL. */
export const nodeAes256Gcm: Aead = {
  keyBytes: 32,
  tagBytes,
  key: (bytes) => new NodeSymmetricKey(bytes),
  seal(key, nonce, aad, plaintext) {
    assertLength('a nonce of AES-256-GCM', nonce, nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', NodeSymmetricKey.keyOf(key), nonce, gcmOptions);
    cipher.setAAD(aad);
    const sealed = new Uint8Array(plaintext.length + tagBytes);
    sealed.set(cipher.update(plaintext));
    cipher.final(); // GCM is a stream: nothing is left to give out
    sealed.set(cipher.getAuthTag(), plaintext.length);
    return sealed;
  },
  open(key, nonce, aad, ciphertext) {
    assertLength('a nonce of AES-256-GCM', nonce, nonceBytes);
    const length = ciphertext.length - tagBytes;
    if (length < 0) return undefined;
    const decipher = createDecipheriv('aes-256-gcm', NodeSymmetricKey.keyOf(key), nonce, gcmOptions);
    decipher.setAAD(aad);
    decipher.setAuthTag(ciphertext.subarray(length));
    const plaintext = plain(decipher.update(ciphertext.subarray(0, length)));
    try {
      decipher.final();
    } catch {
      return undefined;
    }
    return plaintext;
  },
};

/** AES-128-CBC of OpenSSL. */
export const nodeAes128Cbc: BlockCipher = {
  keyBytes: 16,
  ivBytes: blockBytes,
  seal(key, iv, plaintext) {
    assertLength('a key of AES-128-CBC', key, 16);
    assertLength('an IV of AES-128-CBC', iv, blockBytes);
    const cipher = createCipheriv('aes-128-cbc', createSecretKey(key), iv);
    return concat(cipher.update(plaintext), cipher.final());
  },
  open(key, iv, ciphertext) {
    assertLength('a key of AES-128-CBC', key, 16);
    assertLength('an IV of AES-128-CBC', iv, blockBytes);
    const decipher = createDecipheriv('aes-128-cbc', createSecretKey(key), iv);
    const blocks = decipher.update(ciphertext);
    try {
      return concat(blocks, decipher.final()); // throws for a length of no whole blocks, too
    } catch {
      return undefined;
    }
  },
};
