// Hashes, MACs, scrypt and randomness of node:crypto.

import { scryptSync } from 'node:crypto';
import type { Crypto } from '../../shared/crypto/provider.ts';
import { hkdf, hkdfExpand, hmacSha256, sha256 } from './hmac.ts';
import { plain } from './plain.ts';
import { randomBytes } from './random.ts';

/** The primitives without keys of their own. */
export const nodeDigests = {
  sha256,
  hmacSha256,
  hkdf,
  hkdfExpand,
  // OpenSSL refuses more than maxmem, by default too little for N = 2^17; callers cap the cost.
  scrypt: (password, salt, { n, r, p }, length) =>
    plain(scryptSync(password, salt, length, { N: n, r, p, maxmem: 128 * r * (n + p + 8) })),
  randomBytes,
} satisfies Pick<Crypto, 'sha256' | 'hmacSha256' | 'hkdf' | 'hkdfExpand' | 'scrypt' | 'randomBytes'>;
