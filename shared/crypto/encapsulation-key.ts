// The input check of ML-KEM encapsulation keys, FIPS 203 §7.2: the right
// length, and every 12-bit coefficient reduced modulo q, so that one key has one
// encoding. Both providers make it before a library sees the key.

import { SimppError } from '../errors.ts';

const keyBytes = 1184;
const polynomialBytes = 3 * 384;
const q = 3329;

/** Refuses what is not an encapsulation key of ML-KEM-768 (FIPS 203 §7.2): SimppError('invalid-point'). */
export function assertEncapsulationKey(bytes: Uint8Array): void {
  let reduced = bytes.length === keyBytes;
  // ByteDecode12 (FIPS 203 §4.2.1): three bytes carry two coefficients, low bits first; ρ follows them.
  for (let at = 0; reduced && at < polynomialBytes; at += 3) {
    const middle = bytes[at + 1]!;
    reduced = (((middle & 0x0f) << 8) | bytes[at]!) < q && ((bytes[at + 2]! << 4) | (middle >> 4)) < q;
  }
  if (!reduced) throw new SimppError('invalid-point', 'not an encapsulation key of ML-KEM-768');
}
