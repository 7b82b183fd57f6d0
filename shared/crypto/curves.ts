// The three curves, as numbers. P-256 and P-224: FIPS 186-4 §D.1.2 and SEC 2;
// secp160r1: SEC 2 version 1 §2.4.2 (the paper's 160-bit option; about 80 bits
// of security, so only the classic profile may choose it). All have cofactor 1:
// a point on the curve other than infinity is in the right group.

import { fromHex } from '../bytes.ts';
import type { Curve } from './provider.ts';

interface Numbers {
  readonly p: string;
  readonly a: string;
  readonly b: string;
  readonly gx: string;
  readonly gy: string;
  readonly n: string;
}

/** Domain parameters of a curve: sizes, the big-endian prime p and order n, and all numbers in hexadecimal. */
export interface CurveParameters extends Pick<
  Curve,
  'name' | 'scalarBytes' | 'fieldBytes' | 'pointBytes' | 'signatureBytes'
> {
  readonly p: Uint8Array;
  readonly n: Uint8Array;
  readonly hex: Numbers;
}

function parameters(name: Curve['name'], hex: Numbers): CurveParameters {
  const fieldBytes = hex.p.length / 2;
  const scalarBytes = hex.n.length / 2;
  return {
    name,
    scalarBytes,
    fieldBytes,
    pointBytes: 1 + 2 * fieldBytes,
    signatureBytes: 2 * scalarBytes,
    p: fromHex(hex.p),
    n: fromHex(hex.n),
    hex,
  };
}

/** P-256 (secp256r1, prime256v1). */
export const p256 = parameters('P-256', {
  p: 'ffffffff00000001000000000000000000000000ffffffffffffffffffffffff',
  a: 'ffffffff00000001000000000000000000000000fffffffffffffffffffffffc',
  b: '5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b',
  gx: '6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296',
  gy: '4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5',
  n: 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551',
});

/** P-224 (secp224r1). */
export const p224 = parameters('P-224', {
  p: 'ffffffffffffffffffffffffffffffff000000000000000000000001',
  a: 'fffffffffffffffffffffffffffffffefffffffffffffffffffffffe',
  b: 'b4050a850c04b3abf54132565044b0b7d7bfd8ba270b39432355ffb4',
  gx: 'b70e0cbd6bb4bf7f321390b94a03c1d356c21122343280d6115c1d21',
  gy: 'bd376388b5f723fb4c22dfe6cd4375a05a07476444d5819985007e34',
  n: 'ffffffffffffffffffffffffffff16a2e0b8f03e13dd29455c5c2a3d',
});

/** secp160r1: its order has 161 bits, so scalars take 21 bytes and coordinates 20. */
export const secp160r1 = parameters('secp160r1', {
  p: 'ffffffffffffffffffffffffffffffff7fffffff',
  a: 'ffffffffffffffffffffffffffffffff7ffffffc',
  b: '1c97befc54bd7a8b65acf89f81d4d4adc565fa45',
  gx: '4a96b5688ef573284664698968c38bb913cbfc82',
  gy: '23a628553168947d59dcc912042351377ac5fb32',
  n: '0100000000000000000001f4c8f927aed3ca752257',
});
