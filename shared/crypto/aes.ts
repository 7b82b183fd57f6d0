// AES on noble: AES-256-GCM (NIST SP 800-38D) and AES-128-CBC with PKCS#7
// padding (SP 800-38A, RFC 5652 §6.3). Tables in software leak through caches
// to code on the same machine; where OpenSSL is at hand the proxy uses that.

import { cbc, gcm } from '@noble/ciphers/aes.js';
import { assertLength } from './length.ts';
import type { Aead, BlockCipher, SymmetricKey } from './provider.ts';

const tagBytes = 16;
const nonceBytes = 12;
const blockBytes = 16;

class PortableKey implements SymmetricKey {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    assertLength('a key of AES-256-GCM', bytes, 32);
    this.#bytes = new Uint8Array(bytes);
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }
}

/** AES-256-GCM in portable code. */
export const portableAes256Gcm: Aead = {
  keyBytes: 32,
  tagBytes,
  key: (bytes) => new PortableKey(bytes),
  seal(key, nonce, aad, plaintext) {
    assertLength('a nonce of AES-256-GCM', nonce, nonceBytes);
    return gcm(key.bytes, nonce, aad).encrypt(plaintext);
  },
  open(key, nonce, aad, ciphertext) {
    assertLength('a nonce of AES-256-GCM', nonce, nonceBytes);
    const cipher = gcm(key.bytes, nonce, aad);
    try {
      return cipher.decrypt(ciphertext);
    } catch {
      return undefined;
    }
  },
};

/** AES-128-CBC in portable code. */
export const portableAes128Cbc: BlockCipher = {
  keyBytes: 16,
  ivBytes: blockBytes,
  seal(key, iv, plaintext) {
    assertLength('a key of AES-128-CBC', key, 16);
    assertLength('an IV of AES-128-CBC', iv, blockBytes);
    return cbc(key, iv).encrypt(plaintext);
  },
  open(key, iv, ciphertext) {
    assertLength('a key of AES-128-CBC', key, 16);
    assertLength('an IV of AES-128-CBC', iv, blockBytes);
    const cipher = cbc(key, iv);
    try {
      return cipher.decrypt(ciphertext);
    } catch {
      return undefined;
    }
  },
};
