// Points, scalars and signatures: what is valid, and what must be refused.
import assert from 'node:assert/strict';
import { detectNodeCrypto } from '../../../proxy/crypto/provider.ts';
import { fromHex } from '../../../shared/bytes.ts';
import { p224, p256, secp160r1, type CurveParameters } from '../../../shared/crypto/curves.ts';
import { nobleCrypto as crypto } from '../../../shared/crypto/noble.ts';
import type { Crypto, Curve } from '../../../shared/crypto/provider.ts';
import { bytesOf, fixedBytes, hex, isRefused, refusal, textOf, type Values, type VectorKind } from '../vector.ts';

const curvesIn = ({ p256, p224, secp160r1 }: Crypto): readonly Curve[] => [p256, p224, secp160r1];
const curves = curvesIn(crypto);
const fastCurves = curvesIn(detectNodeCrypto());

function curveOf(inputs: Values, from: readonly Curve[] = curves): Curve {
  const curve = from.find(({ name }) => name === textOf(inputs, 'curve'));
  if (curve === undefined) throw new TypeError('a vector names an unknown curve');
  return curve;
}

/** What one provider must refuse, the other must, too. */
function refusedByBoth(inputs: Values, attempt: (curve: Curve) => unknown): Values {
  assert(
    isRefused(() => attempt(curveOf(inputs, fastCurves))),
    'the fast provider accepts it',
  );
  return refusal(inputs, () => attempt(curveOf(inputs)));
}

const scalar = (curve: Curve, name: string): Uint8Array => {
  const bytes = fixedBytes(`${curve.name} ${name}`, curve.scalarBytes);
  // The order of secp160r1 is just above 2^160: a 21-byte scalar below it begins with zero.
  return curve.name === 'secp160r1' ? bytes.with(0, 0) : bytes;
};

const order = ({ hex: { n } }: CurveParameters): bigint => BigInt(`0x${n}`);

const scalarAt = ({ scalarBytes }: CurveParameters, value: bigint): Uint8Array =>
  fromHex(value.toString(16).padStart(2 * scalarBytes, '0'));

export const agreements: VectorKind = {
  file: 'ecdh',
  about: 'Public keys and ECDH: the x coordinate at full field length.',
  section: '2.2',
  inputs: [
    ...curves.map((curve) => ({
      name: curve.name,
      inputs: { curve: curve.name, a: hex(scalar(curve, 'a')), b: hex(scalar(curve, 'b')) },
    })),
    ...[p256, p224, secp160r1].map((curve) => ({
      name: `${curve.name}: the smallest and the largest scalar`,
      inputs: { curve: curve.name, a: hex(scalarAt(curve, 1n)), b: hex(scalarAt(curve, order(curve) - 1n)) },
    })),
  ],
  derive(inputs) {
    const curve = curveOf(inputs);
    const a = curve.privateKey(bytesOf(inputs, 'a'));
    const b = curve.privateKey(bytesOf(inputs, 'b'));
    return {
      publicA: hex(a.publicKey.bytes),
      publicB: hex(b.publicKey.bytes),
      shared: hex(curve.agree(a, b.publicKey)),
    };
  },
};

export const signatures: VectorKind = {
  file: 'ecdsa',
  about: 'ECDSA with SHA-256, deterministic (RFC 6979), low-S: r ‖ s.',
  section: '2.2',
  inputs: curves.map((curve) => ({
    name: curve.name,
    inputs: { curve: curve.name, secret: hex(scalar(curve, 'signer')), message: hex(fixedBytes('message', 50)) },
  })),
  derive(inputs) {
    const curve = curveOf(inputs);
    const key = curve.privateKey(bytesOf(inputs, 'secret'));
    const signature = curve.sign(key, bytesOf(inputs, 'message'));
    return { publicKey: hex(key.publicKey.bytes), signature: hex(signature) };
  },
};

function badPoints(): { name: string; inputs: Values }[] {
  return curves.flatMap((curve) => {
    const good = curve.privateKey(scalar(curve, 'a')).publicKey.bytes;
    const { fieldBytes } = curve;
    const compressed = good.slice(0, 1 + fieldBytes).with(0, 2 + (good.at(-1)! & 1));
    const largest = good.slice();
    largest.fill(0xff, 1, 1 + fieldBytes);
    const item = (name: string, bytes: Uint8Array) => ({
      name: `${curve.name}: ${name}`,
      inputs: { curve: curve.name, point: hex(bytes) },
    });
    return [
      item('infinity', Uint8Array.of(0)),
      item('the compressed form', compressed),
      item('the hybrid form', good.with(0, 6 + (good.at(-1)! & 1))),
      item('not on the curve', good.with(good.length - 1, good.at(-1)! ^ 1)),
      item('x is not below the field prime', largest),
      item('truncated', good.subarray(0, -1)),
      item('a trailing byte', Uint8Array.of(...good, 0)),
      item('zeros', new Uint8Array(good.length).with(0, 4)),
    ];
  });
}

export const invalidPoints: VectorKind = {
  file: 'bad-points',
  about: 'Encodings that are not the uncompressed form of a point on the curve.',
  section: '2.2',
  inputs: badPoints(),
  derive: (inputs) => refusedByBoth(inputs, (curve) => curve.publicKey(bytesOf(inputs, 'point'))),
};

function badScalarInputs(): { name: string; inputs: Values }[] {
  return [p256, p224, secp160r1].flatMap((curve) => {
    const good = scalarAt(curve, order(curve) - 1n);
    const item = (name: string, bytes: Uint8Array) => ({
      name: `${curve.name}: ${name}`,
      inputs: { curve: curve.name, scalar: hex(bytes) },
    });
    return [
      item('zero', scalarAt(curve, 0n)),
      item('n', scalarAt(curve, order(curve))),
      item('n + 1', scalarAt(curve, order(curve) + 1n)),
      item('all bits', new Uint8Array(curve.scalarBytes).fill(0xff)),
      item('truncated', good.subarray(1)),
      item('a leading zero too many', Uint8Array.of(0, ...good)),
      item('nothing', new Uint8Array(0)),
    ];
  });
}

export const badScalars: VectorKind = {
  file: 'bad-scalars',
  about: 'Bytes that are no private key: not the big-endian number from 1 to n - 1 at full scalar length.',
  section: '2.2',
  inputs: badScalarInputs(),
  derive: (inputs) => refusedByBoth(inputs, (curve) => curve.privateKey(bytesOf(inputs, 'scalar'))),
};
