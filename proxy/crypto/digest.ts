// Hashes, MACs, scrypt and randomness of node:crypto.

import { createHash, createHmac, createSecretKey, hash, hkdfSync, randomFillSync, scryptSync } from 'node:crypto';
import { assertExpandable, expand } from '../../shared/crypto/hkdf.ts';
import type { Crypto } from '../../shared/crypto/provider.ts';
import { plain } from './plain.ts';

const sha256: Crypto['sha256'] = (...parts) => {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return plain(hash('sha256', only, 'buffer'));
  const digest = createHash('sha256');
  for (const part of parts) digest.update(part);
  return plain(digest.digest());
};

// A KeyObject even for one use: createHmac on raw bytes costs five times as much.
const hmacSha256: Crypto['hmacSha256'] = (key, ...parts) => {
  const mac = createHmac('sha256', createSecretKey(key));
  for (const part of parts) mac.update(part);
  return plain(mac.digest());
};

// One call into OpenSSL instead of three; a KeyObject for the same reason as above.
const hkdf: Crypto['hkdf'] = (salt, ikm, info, length) => {
  assertExpandable(length);
  if (length === 0) return new Uint8Array(0); // Node refuses it
  return new Uint8Array(hkdfSync('sha256', createSecretKey(ikm), salt, info, length));
};

/** The primitives without keys of their own. */
export const nodeDigests = {
  sha256,
  hmacSha256,
  hkdf,
  hkdfExpand: (prk, info, length) => expand(hmacSha256, prk, info, length),
  // OpenSSL refuses more than maxmem, by default too little for N = 2^17; callers cap the cost.
  scrypt: (password, salt, { n, r, p }, length) =>
    plain(scryptSync(password, salt, length, { N: n, r, p, maxmem: 128 * r * (n + p + 8) })),
  randomBytes: (length) => randomFillSync(new Uint8Array(length)),
} satisfies Pick<Crypto, 'sha256' | 'hmacSha256' | 'hkdf' | 'hkdfExpand' | 'scrypt' | 'randomBytes'>;
