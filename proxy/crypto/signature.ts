// ECDSA signatures: r ‖ s on the wire, DER towards OpenSSL. Node converts too
// (dsaEncoding 'ieee-p1363'), but its conversion doubles the price of a P-256
// signature. Here is also the low-S rule (protocol.md §2.3): of the two valid
// s and n - s only the smaller counts, so that nobody can alter a signature.

import type { CurveParameters } from '../../shared/crypto/curves.ts';
import { isBelow } from '../../shared/crypto/sec1.ts';

/** Conversion between the forms for one curve. */
export interface SignatureForm {
  /** r ‖ s with low s, from the DER that OpenSSL made. */
  fromDer(der: Uint8Array): Uint8Array;
  /** DER of r ‖ s; undefined for a wrong length or a high s. */
  toDer(signature: Uint8Array): Uint8Array | undefined;
}

/** Halves a big-endian number, rounding down. */
function half(number: Uint8Array): Uint8Array {
  return number.map((byte, i) => (byte >> 1) | (i === 0 ? 0 : (number[i - 1]! & 1) << 7));
}

/** Sets `number` to `from` - `number`, both big-endian of one length. */
function negate(number: Uint8Array, from: Uint8Array): void {
  let borrow = 0;
  for (let i = number.length - 1; i >= 0; i--) {
    const difference = from[i]! - number[i]! - borrow;
    number[i] = difference;
    borrow = difference >>> 31;
  }
}

/** Writes an INTEGER (X.690 §8.3: shortest form, not negative) and returns the offset behind it. */
function writeInteger(der: Uint8Array, at: number, number: Uint8Array): number {
  let from = 0;
  while (from < number.length - 1 && number[from] === 0) from++;
  const sign = number[from]! >> 7;
  const length = number.length - from + sign;
  der[at] = 0x02;
  der[at + 1] = length;
  der.set(number.subarray(from), at + 2 + sign);
  return at + 2 + length;
}

/** The conversions of a curve. */
export function signatureForm(curve: CurveParameters): SignatureForm {
  const { scalarBytes, signatureBytes, n } = curve;
  const halfOrder = half(n);

  /** Copies the INTEGER at `at`, right-aligned, into `number`; returns the offset behind it. */
  const readInteger = (der: Uint8Array, at: number, number: Uint8Array): number => {
    const end = at + 2 + der[at + 1]!;
    const from = Math.max(at + 2, end - scalarBytes); // skips the zero byte that keeps the sign
    number.set(der.subarray(from, end), scalarBytes - (end - from));
    return end;
  };

  return {
    fromDer(der) {
      const signature = new Uint8Array(signatureBytes);
      const s = signature.subarray(scalarBytes);
      readInteger(der, readInteger(der, 2, signature.subarray(0, scalarBytes)), s);
      if (isBelow(halfOrder, s)) negate(s, n);
      return signature;
    },
    toDer(signature) {
      if (signature.length !== signatureBytes) return undefined;
      const s = signature.subarray(scalarBytes);
      if (isBelow(halfOrder, s)) return undefined;
      const der = new Uint8Array(signatureBytes + 8);
      const end = writeInteger(der, writeInteger(der, 2, signature.subarray(0, scalarBytes)), s);
      der[0] = 0x30;
      der[1] = end - 2;
      return der.subarray(0, end);
    },
  };
}
