// ML-KEM-768 encapsulation keys: the edge of what is reduced, on both sides.
import assert from 'node:assert/strict';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import { detectNodeCrypto } from '../../../proxy/crypto/provider.ts';
import { nobleCrypto as crypto } from '../../../shared/crypto/noble.ts';
import { bytesOf, fixedBytes, hex, isRefused, refusal, type Values, type VectorKind } from '../vector.ts';

const q = 3329;
const coefficients = 3 * 256;
const fast = detectNodeCrypto();

const good = crypto.mlKem768.decapsulationKey(fixedBytes('seed of an encapsulation key', 64)).encapsulationKey.bytes;

/** The key with one of its 768 coefficients replaced: three bytes carry two, low bits first (FIPS 203 §4.2.1). */
export function withCoefficient(key: Uint8Array, index: number, value: number): Uint8Array {
  const changed = key.slice();
  const at = 3 * (index >> 1);
  if (index % 2 === 0) {
    changed[at] = value & 0xff;
    changed[at + 1] = (key[at + 1]! & 0xf0) | (value >> 8);
  } else {
    changed[at + 1] = (key[at + 1]! & 0x0f) | ((value & 0x0f) << 4);
    changed[at + 2] = value >> 4;
  }
  return changed;
}

export const encapsulations: VectorKind = {
  file: 'encapsulations',
  about: 'Encapsulation to keys of ML-KEM-768 with m fixed; a coefficient of q - 1 is the largest there is.',
  section: '2.2, 5.1',
  inputs: [
    { name: 'an ordinary key', key: good },
    { name: 'a first coefficient of q - 1', key: withCoefficient(good, 0, q - 1) },
    { name: 'a last coefficient of q - 1', key: withCoefficient(good, coefficients - 1, q - 1) },
  ].map(({ name, key }) => ({
    name,
    inputs: { encapsulationKey: hex(key), kemMessage: hex(fixedBytes('m of an encapsulation', 32)) },
  })),
  derive(inputs) {
    const bytes = bytesOf(inputs, 'encapsulationKey');
    const key = crypto.mlKem768.encapsulationKey(bytes);
    fast.mlKem768.encapsulate(fast.mlKem768.encapsulationKey(bytes));
    const { cipherText, sharedSecret } = ml_kem768.encapsulate(key.bytes, bytesOf(inputs, 'kemMessage'));
    return { ciphertext: hex(cipherText), kemSecret: hex(sharedSecret) };
  },
};

const bad: Readonly<Record<string, Uint8Array>> = {
  'the first coefficient is q': withCoefficient(good, 0, q),
  'the second coefficient is q': withCoefficient(good, 1, q),
  'the first coefficient is 4095': withCoefficient(good, 0, 4095),
  'the second coefficient is 4095': withCoefficient(good, 1, 4095),
  'a coefficient in the middle is q + 1': withCoefficient(good, 300, q + 1),
  'the last coefficient is q': withCoefficient(good, coefficients - 1, q),
  'the last coefficient is 4095': withCoefficient(good, coefficients - 1, 4095),
  'the last byte is missing': good.subarray(0, -1),
  'one byte trails': Uint8Array.of(...good, 0),
  'the length of ML-KEM-512': good.subarray(384),
  nothing: new Uint8Array(0),
};

export const badEncapsulationKeys: VectorKind = {
  file: 'bad-encapsulation-keys',
  about: 'Bytes that are no encapsulation key of ML-KEM-768: a coefficient is not below q, or the length is another.',
  section: '2.2',
  inputs: Object.entries(bad).map(([name, key]) => ({ name, inputs: { encapsulationKey: hex(key) } })),
  derive(inputs): Values {
    const key = bytesOf(inputs, 'encapsulationKey');
    assert(
      isRefused(() => fast.mlKem768.encapsulationKey(key)),
      'the fast provider accepts it',
    );
    return refusal(inputs, () => crypto.mlKem768.encapsulationKey(key));
  },
};
