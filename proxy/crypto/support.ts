// What this Node's cryptography can do. Node's own builds have all of it since
// 24.7; Electron's (BoringSSL) and some distributions' lack curves or ML-KEM.
// A version says little about that, so each primitive is tried.

import { equalBytes } from '../../shared/bytes.ts';
import type { CurveParameters } from '../../shared/crypto/curves.ts';
import { p224, p256, secp160r1 } from '../../shared/crypto/curves.ts';
import type { Crypto, Curve, Kem } from '../../shared/crypto/provider.ts';
import { nodeAes128Cbc, nodeAes256Gcm } from './aes.ts';
import { nodeCurve } from './curve.ts';
import { nodeDigests } from './digest.ts';
import { nodeMlKem768 } from './ml-kem.ts';

/** Everything from node:crypto, whether or not this build has it. */
export const nodeCrypto: Crypto = {
  name: 'node',
  p256: nodeCurve(p256),
  p224: nodeCurve(p224),
  secp160r1: nodeCurve(secp160r1),
  mlKem768: nodeMlKem768,
  aes256Gcm: nodeAes256Gcm,
  aes128Cbc: nodeAes128Cbc,
  ...nodeDigests,
};

/** A primitive that may be missing. */
export type Primitive = 'p256' | 'p224' | 'secp160r1' | 'mlKem768' | 'aes256Gcm' | 'aes128Cbc' | 'scrypt';

/** k · G is the public key of k, whichever way it is computed. */
function curveWorks(curve: Curve, { hex }: CurveParameters): boolean {
  const key = curve.generate();
  const base = curve.publicKey(Buffer.from(`04${hex.gx}${hex.gy}`, 'hex'));
  return equalBytes(curve.agree(key, base), key.publicKey.bytes.subarray(1, 1 + curve.fieldBytes));
}

function kemWorks(kem: Kem): boolean {
  const key = kem.decapsulationKey(kem.generate().seed);
  const { ciphertext, secret } = kem.encapsulate(kem.encapsulationKey(key.encapsulationKey.bytes));
  return equalBytes(kem.decapsulate(key, ciphertext), secret);
}

const probes: Readonly<Record<Primitive, (crypto: Crypto) => boolean>> = {
  p256: (crypto) => curveWorks(crypto.p256, p256),
  p224: (crypto) => curveWorks(crypto.p224, p224),
  secp160r1: (crypto) => curveWorks(crypto.secp160r1, secp160r1),
  mlKem768: (crypto) => kemWorks(crypto.mlKem768),
  aes256Gcm({ aes256Gcm: aead }) {
    const key = aead.key(new Uint8Array(32));
    const [nonce, empty] = [new Uint8Array(12), new Uint8Array(0)];
    return aead.open(key, nonce, empty, aead.seal(key, nonce, empty, empty)) !== undefined;
  },
  aes128Cbc({ aes128Cbc: cipher }) {
    const block = new Uint8Array(16);
    return cipher.open(block, block, cipher.seal(block, block, block)) !== undefined;
  },
  scrypt: (crypto) => crypto.scrypt(new Uint8Array(0), new Uint8Array(0), { n: 2, r: 1, p: 1 }, 32).length === 32,
};

function works(probe: () => boolean): boolean {
  try {
    return probe();
  } catch {
    return false;
  }
}

/** The primitives that a provider fails to deliver. */
export function missingPrimitives(crypto: Crypto): readonly Primitive[] {
  const all: readonly Primitive[] = ['p256', 'p224', 'secp160r1', 'mlKem768', 'aes256Gcm', 'aes128Cbc', 'scrypt'];
  return all.filter((primitive) => !works(() => probes[primitive](crypto)));
}
