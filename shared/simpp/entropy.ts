// Where fresh secrets come from. The protocol asks only here, so that a vector
// can fix every choice without a mock, and the fast provider can make key
// pairs in its own way.
import type { Crypto, Curve, DecapsulationKey, EncapsulationKey, PrivateKey } from '../crypto/provider.ts';

/** A source of fresh secrets. */
export interface Entropy {
  privateKey(curve: Curve): PrivateKey;
  decapsulationKey(): DecapsulationKey;
  encapsulate(key: EncapsulationKey): { readonly ciphertext: Uint8Array; readonly secret: Uint8Array };
  bytes(length: number): Uint8Array;
}

/** Fresh secrets from the system's randomness. */
export function systemEntropy(crypto: Crypto): Entropy {
  return {
    privateKey: (curve) => curve.generate(),
    decapsulationKey: () => crypto.mlKem768.generate(),
    encapsulate: (key) => crypto.mlKem768.encapsulate(key),
    bytes: (length) => crypto.randomBytes(length),
  };
}
