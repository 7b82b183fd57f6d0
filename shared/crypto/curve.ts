// A curve on noble's weierstrass builder: ECDH of SEC 1 §3.3.1, ECDSA of
// FIPS 186-5 with the deterministic nonces of RFC 6979, low-S. Handles hold
// only bytes and noble decodes and checks them at each use, so handles of
// another provider work here as they are. BigInt arithmetic is not constant
// time in the strict sense (noble's README says so); proxies use OpenSSL.

import { ecdsa, weierstrass } from '@noble/curves/abstract/weierstrass.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { SimppError } from '../errors.ts';
import type { CurveParameters } from './curves.ts';
import type { Curve, PrivateKey, PublicKey } from './provider.ts';
import { assertPointForm, assertScalar } from './sec1.ts';

// The scalar is behind a getter, so that a logged or serialised handle does not show it.
class PortablePrivateKey implements PrivateKey {
  readonly #secret: Uint8Array;
  readonly publicKey: PublicKey;

  constructor(secret: Uint8Array, publicKey: PublicKey) {
    this.#secret = secret;
    this.publicKey = publicKey;
  }

  get secret(): Uint8Array {
    return this.#secret;
  }
}

/** A curve in portable code; `randomBytes` feeds generate() alone, since signing is deterministic. */
export function portableCurve(curve: CurveParameters, randomBytes: (length: number) => Uint8Array): Curve {
  const { name, scalarBytes, fieldBytes, pointBytes, signatureBytes } = curve;
  const number = (hex: string): bigint => BigInt(`0x${hex}`);
  const { p, a, b, gx, gy, n } = curve.hex;
  const point = weierstrass({
    p: number(p),
    n: number(n),
    h: 1n,
    a: number(a),
    b: number(b),
    Gx: number(gx),
    Gy: number(gy),
  });
  const scheme = ecdsa(point, sha256, { lowS: true });
  const seedBytes = scheme.lengths.seed;
  if (seedBytes === undefined) throw new SimppError('internal', 'noble names no seed length');

  const privateKey = (secret: Uint8Array): PrivateKey => {
    assertScalar(curve, secret);
    const own = new Uint8Array(secret);
    return new PortablePrivateKey(own, { bytes: scheme.getPublicKey(own, false) });
  };

  return {
    name,
    scalarBytes,
    fieldBytes,
    pointBytes,
    signatureBytes,
    privateKey,
    // FIPS 186-5 §A.2.1: more random bits than the order has, reduced, so that the bias vanishes.
    generate: () => privateKey(scheme.utils.randomSecretKey(randomBytes(seedBytes))),
    publicKey(bytes) {
      assertPointForm(curve, bytes);
      if (!scheme.utils.isValidPublicKey(bytes, false)) throw new SimppError('invalid-point', `not on ${name}`);
      return { bytes: new Uint8Array(bytes) };
    },
    agree(own, peer) {
      assertPointForm(curve, peer.bytes);
      try {
        return scheme.getSharedSecret(own.secret, peer.bytes, false).slice(1, 1 + fieldBytes);
      } catch (cause) {
        throw new SimppError('invalid-point', undefined, { cause });
      }
    },
    sign: (own, message) => scheme.sign(message, own.secret),
    verify: (peer, message, signature) =>
      signature.length === signatureBytes && scheme.verify(signature, message, peer.bytes),
  };
}
