// A curve on node:crypto. Importing a key into OpenSSL costs as much as using
// it, so a handle keeps its KeyObject; a handle that another provider made is
// imported from its bytes at each use. OpenSSL checks that a point lies on the
// curve, sec1.ts that it has its one form.

import {
  createECDH,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import { SimppError } from '../../shared/errors.ts';
import type { CurveParameters } from '../../shared/crypto/curves.ts';
import type { Curve, PrivateKey, PublicKey } from '../../shared/crypto/provider.ts';
import { assertPointForm, assertScalar } from '../../shared/crypto/sec1.ts';
import { keyShells } from './der.ts';
import { plain } from './plain.ts';
import { publicPem } from './public-pem.ts';
import { signatureForm } from './signature.ts';

/** OpenSSL's names of the curves. */
const openSslNames: Readonly<Record<Curve['name'], string>> = {
  'P-256': 'prime256v1',
  'P-224': 'secp224r1',
  secp160r1: 'secp160r1',
};

/** A curve of OpenSSL. */
export function nodeCurve(curve: CurveParameters): Curve {
  const { name, scalarBytes, fieldBytes, pointBytes, signatureBytes } = curve;
  const namedCurve = openSslNames[name];
  const shells = keyShells(curve);
  const form = signatureForm(curve);

  // The classes stand inside the function, so that a handle of another curve is a foreign one, too.
  class NodePublicKey implements PublicKey {
    readonly bytes: Uint8Array;
    readonly #key: KeyObject;

    constructor(bytes: Uint8Array, key: KeyObject) {
      this.bytes = bytes;
      this.#key = key;
    }

    static keyOf(handle: PublicKey): KeyObject {
      return #key in handle ? handle.#key : importPoint(handle.bytes).#key;
    }
  }

  // The scalar is behind a getter, so that a logged or serialised handle does not show it.
  class NodePrivateKey implements PrivateKey {
    readonly publicKey: PublicKey;
    readonly #secret: Uint8Array;
    readonly #key: KeyObject;

    constructor(secret: Uint8Array, publicKey: PublicKey, key: KeyObject) {
      this.#secret = secret;
      this.publicKey = publicKey;
      this.#key = key;
    }

    get secret(): Uint8Array {
      return this.#secret;
    }

    static keyOf(handle: PrivateKey): KeyObject {
      return #key in handle ? handle.#key : importScalar(handle.secret).#key;
    }
  }

  function importPoint(bytes: Uint8Array): NodePublicKey {
    assertPointForm(curve, bytes);
    try {
      const key = createPublicKey(publicPem(shells.spki(bytes)));
      return new NodePublicKey(new Uint8Array(bytes), key);
    } catch (cause) {
      throw new SimppError('invalid-point', `not on ${name}`, { cause });
    }
  }

  function importScalar(secret: Uint8Array): NodePrivateKey {
    assertScalar(curve, secret);
    const ecdh = createECDH(namedCurve);
    ecdh.setPrivateKey(secret);
    const point = plain(ecdh.getPublicKey());
    // With its point inside, OpenSSL need not compute it a second time.
    const der = shells.pkcs8(secret, point);
    const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    der.fill(0); // it may lie in Node's shared pool of small Buffers
    return new NodePrivateKey(new Uint8Array(secret), new NodePublicKey(point, createPublicKey(key)), key);
  }

  return {
    name,
    scalarBytes,
    fieldBytes,
    pointBytes,
    signatureBytes,
    generate() {
      const pair = generateKeyPairSync('ec', { namedCurve });
      const { secret, point } = shells.readSec1(pair.privateKey.export({ format: 'der', type: 'sec1' }));
      return new NodePrivateKey(secret, new NodePublicKey(point, pair.publicKey), pair.privateKey);
    },
    privateKey: importScalar,
    publicKey: importPoint,
    agree(own, peer) {
      const keys = { privateKey: NodePrivateKey.keyOf(own), publicKey: NodePublicKey.keyOf(peer) };
      try {
        return plain(diffieHellman(keys));
      } catch (cause) {
        throw new SimppError('invalid-point', undefined, { cause });
      }
    },
    sign: (own, message) => form.fromDer(sign('sha256', message, NodePrivateKey.keyOf(own))),
    verify(peer, message, signature) {
      const der = form.toDer(signature);
      return der !== undefined && verify('sha256', message, NodePublicKey.keyOf(peer), der);
    },
  };
}
