// Points and signatures: what is valid, and what must be refused.
import { nobleCrypto as crypto } from '../../../shared/crypto/noble.ts';
import type { Curve } from '../../../shared/crypto/provider.ts';
import { SimppError } from '../../../shared/errors.ts';
import { bytesOf, digestOf, fixedBytes, hex, textOf, type Values, type VectorKind } from '../vector.ts';

const curves = { 'P-256': crypto.p256, 'P-224': crypto.p224, secp160r1: crypto.secp160r1 } as const;

function curveOf(inputs: Values): Curve {
  const curve = Object.entries(curves).find(([name]) => name === textOf(inputs, 'curve'))?.[1];
  if (curve === undefined) throw new TypeError('a vector names an unknown curve');
  return curve;
}

const scalar = (curve: Curve, name: string): Uint8Array => {
  const bytes = fixedBytes(`${curve.name} ${name}`, curve.scalarBytes);
  // The order of secp160r1 is just above 2^160: a 21-byte scalar below it begins with zero.
  return curve.name === 'secp160r1' ? bytes.with(0, 0) : bytes;
};

export const agreements: VectorKind = {
  file: 'ecdh',
  about: 'Public keys and ECDH: the x coordinate at full field length.',
  section: '2.2',
  inputs: Object.values(curves).map((curve) => ({
    name: curve.name,
    inputs: { curve: curve.name, a: hex(scalar(curve, 'a')), b: hex(scalar(curve, 'b')) },
  })),
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
  inputs: Object.values(curves).map((curve) => ({
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
  return Object.values(curves).flatMap((curve) => {
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
  derive(inputs) {
    try {
      curveOf(inputs).publicKey(bytesOf(inputs, 'point'));
    } catch (error) {
      if (error instanceof SimppError) return { refused: true, digest: digestOf(inputs) };
      throw error;
    }
    throw new Error('an invalid point was accepted');
  },
};
