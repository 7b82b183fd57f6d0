// Entropy with every choice fixed by a vector: each kind of secret is handed
// out in order, and asking for more than the vector fixes is an error.
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import { nobleCrypto } from '../../shared/crypto/noble.ts';
import type { Entropy } from '../../shared/simpp/entropy.ts';

/** The choices, as bytes: private scalars, ML-KEM seeds (d ‖ z), encapsulation messages, other random bytes. */
export interface Script {
  readonly scalars?: readonly Uint8Array[];
  readonly kemSeeds?: readonly Uint8Array[];
  readonly kemMessages?: readonly Uint8Array[];
  readonly bytes?: readonly Uint8Array[];
}

/** Entropy that follows the script. */
export function scriptedEntropy(script: Script): Entropy {
  const scalars = [...(script.scalars ?? [])];
  const kemSeeds = [...(script.kemSeeds ?? [])];
  const kemMessages = [...(script.kemMessages ?? [])];
  const bytes = [...(script.bytes ?? [])];
  const take = (from: Uint8Array[], what: string): Uint8Array => {
    const next = from.shift();
    if (next === undefined) throw new Error(`the script has no more ${what}`);
    return next;
  };
  return {
    privateKey: (curve) => curve.privateKey(take(scalars, 'scalars')),
    decapsulationKey: () => nobleCrypto.mlKem768.decapsulationKey(take(kemSeeds, 'KEM seeds')),
    encapsulate(key) {
      const { cipherText, sharedSecret } = ml_kem768.encapsulate(key.bytes, take(kemMessages, 'KEM messages'));
      return { ciphertext: cipherText, secret: sharedSecret };
    },
    bytes(length) {
      const next = take(bytes, 'random bytes');
      if (next.length !== length) throw new Error(`the script has ${next.length} bytes where ${length} are asked for`);
      return next;
    },
  };
}
