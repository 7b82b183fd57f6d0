// The DER shells around EC keys. OpenSSL takes and gives keys fastest in these
// forms, a public key as their PEM (measured against JWK and Node's raw formats),
// and BoringSSL knows them too. All lengths are fixed per curve, so each shell is built once, as a
// template into which scalar and point are copied.

import { SimppError } from '../../shared/errors.ts';
import type { CurveParameters } from '../../shared/crypto/curves.ts';
import type { Curve } from '../../shared/crypto/provider.ts';
import { element } from './asn1.ts';

const idEcPublicKey = Buffer.from('06072a8648ce3d0201', 'hex');

/** Object identifiers of the curves (SEC 2 §A.2), as whole DER elements. */
const curveIds: Readonly<Record<Curve['name'], Buffer>> = {
  'P-256': Buffer.from('06082a8648ce3d030107', 'hex'),
  'P-224': Buffer.from('06052b81040021', 'hex'),
  secp160r1: Buffer.from('06052b81040008', 'hex'),
};

/** Reading and writing of one curve's keys. */
export interface KeyShells {
  /** SubjectPublicKeyInfo (RFC 5480 §2) of a point. */
  spki(point: Uint8Array): Buffer;
  /** PrivateKeyInfo (RFC 5208 §5) of a scalar and its point. */
  pkcs8(secret: Uint8Array, point: Uint8Array): Buffer;
  /** Scalar and point of an ECPrivateKey (RFC 5915 §3) as OpenSSL writes it. */
  readSec1(der: Buffer): { readonly secret: Uint8Array; readonly point: Uint8Array };
}

/** The shells of a curve. */
export function keyShells(curve: CurveParameters): KeyShells {
  const { name, scalarBytes, pointBytes } = curve;
  const algorithm = element(0x30, idEcPublicKey, curveIds[name]);
  const versionOne = element(0x02, Buffer.of(1));
  const secret = element(0x04, Buffer.alloc(scalarBytes));
  const point = element(0x03, Buffer.alloc(1 + pointBytes)); // a BIT STRING begins with its count of unused bits
  const tagged = element(0xa1, point);

  const spkiShell = element(0x30, algorithm, point);
  const privateShell = element(0x30, versionOne, secret, tagged);
  const pkcs8Shell = element(0x30, element(0x02, Buffer.of(0)), algorithm, element(0x04, privateShell));
  const sec1Shell = element(0x30, versionOne, secret, element(0xa0, curveIds[name]), tagged);
  const sec1SecretAt = sec1Shell.indexOf(secret) + 2;
  const pkcs8SecretAt = pkcs8Shell.length - tagged.length - scalarBytes;

  return {
    spki(bytes) {
      const der = Buffer.from(spkiShell);
      der.set(bytes, der.length - pointBytes);
      return der;
    },
    pkcs8(scalar, bytes) {
      const der = Buffer.from(pkcs8Shell);
      der.set(scalar, pkcs8SecretAt);
      der.set(bytes, der.length - pointBytes);
      return der;
    },
    readSec1(der) {
      if (der.length !== sec1Shell.length) throw new SimppError('internal', `unexpected form of a ${name} key`);
      return {
        secret: new Uint8Array(der.subarray(sec1SecretAt, sec1SecretAt + scalarBytes)),
        point: new Uint8Array(der.subarray(der.length - pointBytes)),
      };
    },
  };
}
