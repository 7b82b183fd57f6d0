// What both providers demand of keys before any arithmetic sees them: one
// encoding for each key, and numbers in range. Without the one encoding a key
// could be known under two names (protocol.md §2.2); out-of-range coordinates
// are a classic way to slip past a check "on the curve".

import { SimppError } from '../errors.ts';
import type { CurveParameters } from './curves.ts';

/** Whether a < b for big-endian numbers of one length, in time that depends on the length only. */
export function isBelow(a: Uint8Array, b: Uint8Array): boolean {
  let borrow = 0;
  for (let i = a.length - 1; i >= 0; i--) borrow = (a[i]! - b[i]! - borrow) >>> 31;
  return borrow === 1;
}

/** Refuses a scalar that is not exactly scalarBytes long and in [1, n-1] (SEC 1 §3.2.1): SimppError('invalid-point'). */
export function assertScalar(curve: CurveParameters, secret: Uint8Array): void {
  let bits = 0;
  for (const byte of secret) bits |= byte;
  if (secret.length !== curve.scalarBytes || bits === 0 || !isBelow(secret, curve.n)) {
    throw new SimppError('invalid-point', `not a private key of ${curve.name}`);
  }
}

/**
 * Refuses a point that is not 0x04 ‖ x ‖ y with x, y < p (SEC 1 §2.3.4): SimppError('invalid-point').
 * So infinity, compressed and hybrid forms are out; whether it lies on the curve is the provider's part.
 */
export function assertPointForm(curve: CurveParameters, bytes: Uint8Array): void {
  const { fieldBytes, p } = curve;
  const formed =
    bytes.length === curve.pointBytes &&
    bytes[0] === 0x04 &&
    isBelow(bytes.subarray(1, 1 + fieldBytes), p) &&
    isBelow(bytes.subarray(1 + fieldBytes), p);
  if (!formed) throw new SimppError('invalid-point', `not an uncompressed point of ${curve.name}`);
}
