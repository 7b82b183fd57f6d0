// ML-KEM-768 on node:crypto (OpenSSL 3.5 and later). Keys go in as their ASN.1
// structures and come out as JWK of type AKP, whose `priv` is the seed (draft-ietf-jose-pqc-kem); OpenSSL does all of FIPS 203.

import {
  createPrivateKey,
  createPublicKey,
  decapsulate,
  encapsulate,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { SimppError } from '../../shared/errors.ts';
import { assertEncapsulationKey } from '../../shared/crypto/encapsulation-key.ts';
import { assertLength } from '../../shared/crypto/length.ts';
import type { DecapsulationKey, EncapsulationKey, Kem } from '../../shared/crypto/provider.ts';
import { plain } from './plain.ts';
import { publicPem } from './public-pem.ts';

// RFC 9935: id-alg-ml-kem-768 is 2.16.840.1.101.3.4.4.2; a private key may be the seed alone, under [0].
const spkiPrefix = Buffer.from('308204b2300b0609608648016503040402038204a100', 'hex');
const seedPrefix = Buffer.from('3054020100300b060960864801650304040204428040', 'hex');
const seedBytes = 64;
const encapsulationKeyBytes = 1184;
const ciphertextBytes = 1088;

/** Bytes of base64url as Node writes it, in memory of their own. */
function fromBase64Url(text: string, length: number): Uint8Array {
  const bytes = Buffer.alloc(length);
  assertLength('a field of a JWK', bytes.subarray(0, bytes.write(text, 'base64url')), length);
  return plain(bytes);
}

class NodeEncapsulationKey implements EncapsulationKey {
  readonly bytes: Uint8Array;
  readonly #key: KeyObject;

  constructor(bytes: Uint8Array, key: KeyObject) {
    this.bytes = bytes;
    this.#key = key;
  }

  static keyOf(handle: EncapsulationKey): KeyObject {
    return #key in handle ? handle.#key : importEncapsulationKey(handle.bytes).#key;
  }
}

class NodeDecapsulationKey implements DecapsulationKey {
  readonly encapsulationKey: EncapsulationKey;
  readonly #seed: Uint8Array;
  readonly #key: KeyObject;

  constructor(key: KeyObject, publicKey: KeyObject) {
    const { priv, pub } = key.export({ format: 'jwk' });
    if (typeof priv !== 'string' || typeof pub !== 'string') throw new SimppError('internal', 'no seed in a JWK');
    this.#seed = fromBase64Url(priv, seedBytes);
    this.#key = key;
    this.encapsulationKey = new NodeEncapsulationKey(fromBase64Url(pub, encapsulationKeyBytes), publicKey);
  }

  get seed(): Uint8Array {
    return this.#seed;
  }

  static keyOf(handle: DecapsulationKey): KeyObject {
    return #key in handle ? handle.#key : importSeed(handle.seed).#key;
  }
}

function importEncapsulationKey(bytes: Uint8Array): NodeEncapsulationKey {
  assertEncapsulationKey(bytes);
  const key = createPublicKey(publicPem(Buffer.concat([spkiPrefix, bytes])));
  return new NodeEncapsulationKey(new Uint8Array(bytes), key);
}

function importSeed(seed: Uint8Array): NodeDecapsulationKey {
  assertLength('a seed of ML-KEM-768', seed, seedBytes);
  const der = Buffer.concat([seedPrefix, seed]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  der.fill(0); // it may lie in Node's shared pool of small Buffers
  return new NodeDecapsulationKey(key, createPublicKey(key));
}

/** ML-KEM-768 of OpenSSL. */
export const nodeMlKem768: Kem = {
  name: 'ML-KEM-768',
  encapsulationKeyBytes,
  ciphertextBytes,
  secretBytes: 32,
  generate() {
    const { privateKey, publicKey } = generateKeyPairSync('ml-kem-768');
    return new NodeDecapsulationKey(privateKey, publicKey);
  },
  decapsulationKey: importSeed,
  encapsulationKey: importEncapsulationKey,
  encapsulate(key) {
    const { ciphertext, sharedKey } = encapsulate(NodeEncapsulationKey.keyOf(key));
    return { ciphertext: plain(ciphertext), secret: plain(sharedKey) };
  },
  decapsulate(key, ciphertext) {
    if (ciphertext.length !== ciphertextBytes) {
      throw new SimppError('malformed-message', 'a KEM ciphertext has 1088 bytes');
    }
    return plain(decapsulate(NodeDecapsulationKey.keyOf(key), ciphertext));
  },
};
