// The portable provider: every primitive in JavaScript, on the audited noble
// libraries. It is the reference for the fast provider of the proxy, the
// source of vectors (its randomness is handed in), and what runs where the
// platform lacks a primitive.

import { hmac } from '@noble/hashes/hmac.js';
import { scrypt } from '@noble/hashes/scrypt.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat } from '../bytes.ts';
import { portableAes128Cbc, portableAes256Gcm } from './aes.ts';
import { portableCurve } from './curve.ts';
import { p224, p256, secp160r1 } from './curves.ts';
import { expand } from './hkdf.ts';
import { portableMlKem768 } from './ml-kem.ts';
import type { Crypto } from './provider.ts';

const hmacSha256: Crypto['hmacSha256'] = (key, ...parts) => {
  const mac = hmac.create(sha256, key);
  for (const part of parts) mac.update(part);
  return mac.digest();
};

/** The portable provider on a source of random bytes; with a fixed source all of it is deterministic. */
export function portableCrypto(randomBytes: (length: number) => Uint8Array): Crypto {
  return {
    name: 'noble',
    p256: portableCurve(p256, randomBytes),
    p224: portableCurve(p224, randomBytes),
    secp160r1: portableCurve(secp160r1, randomBytes),
    mlKem768: portableMlKem768(randomBytes),
    aes256Gcm: portableAes256Gcm,
    aes128Cbc: portableAes128Cbc,
    sha256: (...parts) => sha256(concat(...parts)),
    hmacSha256,
    hkdf: (salt, ikm, info, length) => expand(hmacSha256, hmacSha256(salt, ikm), info, length),
    hkdfExpand: (prk, info, length) => expand(hmacSha256, prk, info, length),
    scrypt: (password, salt, { n, r, p }, length) => scrypt(password, salt, { N: n, r, p, dkLen: length }),
    randomBytes,
  };
}

/** The portable provider on the system's randomness. */
export const nobleCrypto: Crypto = portableCrypto((length) =>
  globalThis.crypto.getRandomValues(new Uint8Array(length)),
);
