// The system's randomness. One call into OpenSSL costs as much as an AES seal,
// so short requests (keys, salts, ids) share one; what was given out is erased here.

import { randomFillSync } from 'node:crypto';

const pool = new Uint8Array(1024);
const shortBytes = 64;
let used = pool.length;

/** Fresh random bytes. */
export function randomBytes(length: number): Uint8Array {
  if (length > shortBytes) return randomFillSync(new Uint8Array(length));
  if (used + length > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const taken = pool.slice(used, used + length);
  pool.fill(0, used, used + length);
  used += length;
  return taken;
}
