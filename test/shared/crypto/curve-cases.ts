// What every provider must do on every curve; run on noble and on node:crypto.

import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { Field } from '@noble/curves/abstract/modular.js';
import fc from 'fast-check';
import { concat, fromHex, toHex, utf8 } from '../../../shared/bytes.ts';
import { p224, p256, secp160r1, type CurveParameters } from '../../../shared/crypto/curves.ts';
import type { Crypto, Curve } from '../../../shared/crypto/provider.ts';

export const curves = [
  ['p256', p256],
  ['p224', p224],
  ['secp160r1', secp160r1],
] as const;

const invalidPoint = { code: 'invalid-point' };
const number = (hex: string): bigint => BigInt(`0x${hex}`);
const bytesOf = (value: bigint, length: number): Uint8Array => fromHex(value.toString(16).padStart(2 * length, '0'));

/** The other valid s of a signature: n - s. */
export function withOtherS(parameters: CurveParameters, signature: Uint8Array): Uint8Array {
  const { scalarBytes, hex } = parameters;
  const s = number(toHex(signature.subarray(scalarBytes)));
  return concat(signature.subarray(0, scalarBytes), bytesOf(number(hex.n) - s, scalarBytes));
}

/** A point with the smallest possible x, and the same with x + p, which is the same number modulo p. */
function smallPoint({ fieldBytes, hex }: CurveParameters): { valid: Uint8Array; unreduced: Uint8Array } {
  const field = Field(number(hex.p));
  for (let x = 0n; ; x++) {
    try {
      const y = field.sqrt(field.create(x ** 3n + number(hex.a) * x + number(hex.b)));
      const encode = (first: bigint): Uint8Array =>
        concat(Uint8Array.of(4), bytesOf(first, fieldBytes), bytesOf(y, fieldBytes));
      return { valid: encode(x), unreduced: encode(x + field.ORDER) };
    } catch {
      continue; // not a square: no point has this x
    }
  }
}

function refusedPoints(parameters: CurveParameters, point: Uint8Array): Record<string, Uint8Array> {
  const { fieldBytes, pointBytes, p } = parameters;
  const x = point.subarray(1, 1 + fieldBytes);
  const y = point.subarray(1 + fieldBytes);
  const parity = y.at(-1)! & 1;
  const prefixed = (prefix: number, ...rest: Uint8Array[]): Uint8Array => concat(Uint8Array.of(prefix), ...rest);
  const offCurve = new Uint8Array(point);
  offCurve[pointBytes - 1]! ^= 1;
  return {
    'off the curve': offCurve,
    'swapped coordinates': prefixed(4, y, x),
    'x + p': smallPoint(parameters).unreduced,
    'y = p': prefixed(4, x, p),
    'all ones': new Uint8Array(pointBytes).fill(0xff).fill(4, 0, 1),
    'infinity as one zero byte': Uint8Array.of(0),
    'infinity as zeros': prefixed(0, new Uint8Array(2 * fieldBytes)),
    'zero coordinates': prefixed(4, new Uint8Array(2 * fieldBytes)),
    'compressed form': prefixed(2 + parity, x),
    'hybrid form': prefixed(6 + parity, x, y),
    'hybrid form of the other parity': prefixed(7 - parity, x, y),
    'prefix 5': prefixed(5, x, y),
    'no prefix': concat(x, y),
    truncated: point.subarray(0, pointBytes - 1),
    'a trailing byte': concat(point, Uint8Array.of(0)),
    nothing: new Uint8Array(0),
  };
}

/** Standards' answers: private key → public key, ECDH, and the verification of deterministic signatures. */
function curveAnswers(crypto: Crypto): void {
  it('gives the public key of NIST and SEC examples', () => {
    // RFC 6979 A.2.5 and A.2.4; GEC 2 (Test Vectors for SEC 1) for secp160r1.
    const examples: [Curve, string, string][] = [
      [
        crypto.p256,
        'c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721',
        '60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299',
      ],
      [
        crypto.p224,
        'f220266e1105bfe3083e03ec7a3a654651f45e37167e88600bf257c1',
        '00cf08da5ad719e42707fa431292dea11244d64fc51610d94b130d6ceeab6f3debe455e3dbf85416f7030cbd94f34f2d6f232c69f3c1385a',
      ],
      [
        crypto.secp160r1,
        '00aa374ffc3ce144e6b073307972cb6d57b2a4e982',
        '51b4496fecc406ed0e75a24a3c03206251419dc0c28dcb4b73a514b468d793894f381ccc1756aa6c',
      ],
    ];
    for (const [curve, secret, point] of examples) {
      assert.equal(toHex(curve.privateKey(fromHex(secret)).publicKey.bytes), `04${point}`, curve.name);
    }
  });

  it('agrees as NIST CAVS (SP 800-56A, count 0) and GEC 2 say', () => {
    const examples: [Curve, string, string, string][] = [
      [
        crypto.p256,
        '7d7dc5f71eb29ddaf80d6214632eeae03d9058af1fb6d22ed80badb62bc1a534',
        '700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ac',
        '46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b',
      ],
      [
        crypto.p224,
        '8346a60fc6f293ca5a0d2af68ba71d1dd389e5e40837942df3e43cbd',
        'af33cd0629bc7e996320a3f40368f74de8704fa37b8fab69abaae280882092ccbba7930f419a8a4f9bb16978bbc3838729992559a6f2e2d7',
        '7d96f9a3bd3c05cf5cc37feb8b9d5209d5c2597464dec3e9983743e8',
      ],
      [
        crypto.secp160r1,
        '00aa374ffc3ce144e6b073307972cb6d57b2a4e982',
        '49b41e0e9c0369c2328739d90f63d56707c6e5bc26e008b567015ed96d232a03111c3edc0e9c8f83',
        'ca7c0f8c3ffa87a96e1b74ac8e6af594347bb40a',
      ],
    ];
    for (const [curve, secret, point, shared] of examples) {
      const agreed = curve.agree(curve.privateKey(fromHex(secret)), curve.publicKey(fromHex(`04${point}`)));
      assert.equal(toHex(agreed), shared, curve.name);
    }
  });

  it('verifies the signatures of RFC 6979 whose s is low and refuses the others', () => {
    const [r256, s256] = [
      'f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367',
      '019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083',
    ];
    const p256Key = crypto.p256.privateKey(
      fromHex('c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721'),
    ).publicKey;
    assert.ok(crypto.p256.verify(p256Key, utf8('test'), fromHex(r256 + s256)));
    const high = fromHex(
      'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
    );
    assert.ok(!crypto.p256.verify(p256Key, utf8('sample'), high));
    assert.ok(crypto.p256.verify(p256Key, utf8('sample'), withOtherS(p256, high)));
  });
}

function curveCases(crypto: Crypto, curve: Curve, parameters: CurveParameters): void {
  const { hex, scalarBytes, fieldBytes, pointBytes } = parameters;
  const base = fromHex(`04${hex.gx}${hex.gy}`);
  const scalar = (value: bigint): Uint8Array => bytesOf(value, scalarBytes);
  const order = number(hex.n);
  const message = utf8('a message');

  it('has 1 · G = G and (n - 1) · G = -G, so that n · G is infinity', () => {
    assert.deepEqual(curve.privateKey(scalar(1n)).publicKey.bytes, base);
    const minusY = bytesOf(number(hex.p) - number(hex.gy), fieldBytes);
    const last = curve.privateKey(scalar(order - 1n));
    assert.deepEqual(last.publicKey.bytes, concat(base.subarray(0, 1 + fieldBytes), minusY));
    assert.equal(toHex(curve.agree(last, curve.publicKey(base))), hex.gx);
  });

  it('refuses scalars that are 0, n, above n or of another length', () => {
    const wrong = [0n, order, order + 1n].map(scalar);
    wrong.push(
      new Uint8Array(scalarBytes).fill(0xff),
      scalar(1n).subarray(1),
      concat(Uint8Array.of(0), scalar(1n)),
      new Uint8Array(0),
    );
    for (const secret of wrong) assert.throws(() => curve.privateKey(secret), invalidPoint, toHex(secret));
  });

  it('refuses what is not one uncompressed point on the curve', () => {
    for (const point of [base, smallPoint(parameters).valid, curve.generate().publicKey.bytes]) {
      assert.deepEqual(curve.publicKey(point).bytes, point);
      for (const [what, bytes] of Object.entries(refusedPoints(parameters, point))) {
        assert.throws(() => curve.publicKey(bytes), invalidPoint, what);
        assert.throws(() => curve.agree(curve.generate(), { bytes }), invalidPoint, `${what}, in another's handle`);
      }
    }
  });

  it('makes plain bytes of the declared lengths', () => {
    const key = curve.generate();
    const made = {
      secret: [key.secret, scalarBytes],
      point: [key.publicKey.bytes, pointBytes],
      agreed: [curve.agree(key, curve.generate().publicKey), fieldBytes],
      signature: [curve.sign(key, message), 2 * scalarBytes],
    } as const;
    for (const [what, [bytes, length]] of Object.entries(made)) {
      assert.equal(Object.getPrototypeOf(bytes), Uint8Array.prototype, what);
      assert.equal(bytes.length, length, what);
    }
    assert.deepEqual(curve.signatureBytes, 2 * scalarBytes);
  });

  it('keeps its own copy of what it imports', () => {
    const { secret, publicKey } = curve.generate();
    const [secretInput, pointInput] = [new Uint8Array(secret), new Uint8Array(publicKey.bytes)];
    const [own, peer] = [curve.privateKey(secretInput), curve.publicKey(pointInput)];
    secretInput.fill(0);
    pointInput.fill(0);
    assert.deepEqual([own.secret, peer.bytes], [secret, publicKey.bytes]);
  });

  it('shows no secret when a private key is logged or serialised', () => {
    const key = curve.privateKey(new Uint8Array(scalarBytes).fill(0x5a, 1));
    const shown = inspect(key, { depth: null, showHidden: true }) + JSON.stringify(key);
    assert.ok(!/90,\s*90|:90,"\d+":90/.test(shown), shown);
  });

  it('agrees on the same secret from both sides', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, order - 1n), fc.bigInt(1n, order - 1n), (a, b) => {
        const [one, other] = [curve.privateKey(scalar(a)), curve.privateKey(scalar(b))];
        assert.deepEqual(curve.agree(one, other.publicKey), curve.agree(other, one.publicKey));
      }),
      { numRuns: 5 },
    );
  });

  it('signs with a low s always, and verifies nothing but that', () => {
    const key = curve.generate();
    for (let i = 0; i < 12; i++) {
      const text = Uint8Array.of(i);
      const signature = curve.sign(key, text);
      assert.ok(number(toHex(signature.subarray(scalarBytes))) <= order / 2n);
      assert.ok(curve.verify(key.publicKey, text, signature));
      assert.ok(!curve.verify(key.publicKey, text, withOtherS(parameters, signature)), 'high s');
    }
  });

  it('verifies no signature of another message, key, length or form', () => {
    const key = curve.generate();
    const signature = curve.sign(key, message);
    const [r, s] = [signature.subarray(0, scalarBytes), signature.subarray(scalarBytes)];
    const zero = new Uint8Array(scalarBytes);
    assert.ok(!curve.verify(key.publicKey, utf8('another'), signature));
    assert.ok(!curve.verify(curve.generate().publicKey, message, signature));
    const wrong = {
      empty: new Uint8Array(0),
      truncated: signature.subarray(0, signature.length - 1),
      trailing: concat(signature, Uint8Array.of(0)),
      leading: concat(Uint8Array.of(0), signature),
      'r = 0': concat(zero, s),
      's = 0': concat(r, zero),
      'r = n': concat(parameters.n, s),
      's = n': concat(r, parameters.n),
      'r + n': concat(bytesOf((number(toHex(r)) + order) % 256n ** BigInt(scalarBytes), scalarBytes), s),
      swapped: concat(s, r),
      zeros: concat(zero, zero),
      ones: new Uint8Array(2 * scalarBytes).fill(0xff),
    };
    for (const [what, bytes] of Object.entries(wrong)) {
      assert.equal(curve.verify(key.publicKey, message, bytes), false, what);
    }
    fc.assert(
      fc.property(fc.nat(8 * signature.length - 1), (bit) => {
        const flipped = new Uint8Array(signature);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        assert.equal(curve.verify(key.publicKey, message, flipped), false);
      }),
      { numRuns: 10 },
    );
  });

  it('takes keys of another curve no more than strangers’ bytes', () => {
    for (const [other] of curves) {
      if (crypto[other].name === curve.name) continue;
      const stranger = crypto[other].generate();
      assert.throws(() => curve.agree(curve.generate(), stranger.publicKey), invalidPoint);
    }
  });
}

/** All cases on all curves of a provider. */
export function describeCurves(crypto: Crypto): void {
  curveAnswers(crypto);
  for (const [name, parameters] of curves) {
    describe(parameters.name, () => curveCases(crypto, crypto[name], parameters));
  }
}
