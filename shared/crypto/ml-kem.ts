// ML-KEM-768 (FIPS 203) on noble. A decapsulation key is stored as its seed
// d ‖ z (FIPS 203 §7.1 allows it) and the expanded key lives in the handle only.

import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import { SimppError } from '../errors.ts';
import { assertEncapsulationKey } from './encapsulation-key.ts';
import { assertLength } from './length.ts';
import type { DecapsulationKey, EncapsulationKey, Kem } from './provider.ts';

const seedBytes = 64;
const messageBytes = 32;

class PortableDecapsulationKey implements DecapsulationKey {
  readonly #seed: Uint8Array;
  readonly #expanded: Uint8Array;
  readonly encapsulationKey: EncapsulationKey;

  constructor(seed: Uint8Array) {
    assertLength('a seed of ML-KEM-768', seed, seedBytes);
    this.#seed = new Uint8Array(seed);
    const { secretKey, publicKey } = ml_kem768.keygen(this.#seed);
    this.#expanded = secretKey;
    this.encapsulationKey = { bytes: publicKey };
  }

  get seed(): Uint8Array {
    return this.#seed;
  }

  /** The expanded key; a handle of another provider is expanded from its seed. */
  static expanded(key: DecapsulationKey): Uint8Array {
    return #expanded in key ? key.#expanded : new PortableDecapsulationKey(key.seed).#expanded;
  }
}

/** ML-KEM-768 in portable code; `randomBytes` gives the seed of a key and the message m of an encapsulation. */
export function portableMlKem768(randomBytes: (length: number) => Uint8Array): Kem {
  return {
    name: 'ML-KEM-768',
    encapsulationKeyBytes: 1184,
    ciphertextBytes: 1088,
    secretBytes: 32,
    generate: () => new PortableDecapsulationKey(randomBytes(seedBytes)),
    decapsulationKey: (seed) => new PortableDecapsulationKey(seed),
    encapsulationKey(bytes) {
      assertEncapsulationKey(bytes);
      return { bytes: new Uint8Array(bytes) };
    },
    encapsulate(key) {
      assertEncapsulationKey(key.bytes);
      const { cipherText, sharedSecret } = ml_kem768.encapsulate(key.bytes, randomBytes(messageBytes));
      return { ciphertext: cipherText, secret: sharedSecret.slice() };
    },
    decapsulate(key, ciphertext) {
      if (ciphertext.length !== 1088) throw new SimppError('malformed-message', 'a KEM ciphertext has 1088 bytes');
      return ml_kem768.decapsulate(ciphertext, PortableDecapsulationKey.expanded(key)).slice();
    },
  };
}
