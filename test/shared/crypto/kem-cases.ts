// ML-KEM-768 for every provider: round trips, implicit rejection, refusals.

import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { concat } from '../../../shared/bytes.ts';
import type { Kem } from '../../../shared/crypto/provider.ts';

/** `key` with one 12-bit coefficient (FIPS 203 §4.2.1) replaced. */
export function withCoefficient(key: Uint8Array, index: number, value: number): Uint8Array {
  const changed = new Uint8Array(key);
  const at = 3 * (index >> 1);
  if (index % 2 === 0) {
    changed[at] = value & 0xff;
    changed[at + 1] = (changed[at + 1]! & 0xf0) | (value >> 8);
  } else {
    changed[at + 1] = (changed[at + 1]! & 0x0f) | ((value & 0x0f) << 4);
    changed[at + 2] = value >> 4;
  }
  return changed;
}

/** All cases of a provider's ML-KEM-768. */
export function describeKem(kem: Kem): void {
  it('decapsulates what was encapsulated, also after import of key and seed', () => {
    const key = kem.generate();
    assert.equal(key.seed.length, 64);
    const imported = kem.decapsulationKey(key.seed);
    assert.deepEqual(imported.encapsulationKey.bytes, key.encapsulationKey.bytes);
    const { ciphertext, secret } = kem.encapsulate(kem.encapsulationKey(key.encapsulationKey.bytes));
    for (const bytes of [key.seed, key.encapsulationKey.bytes, ciphertext, secret, kem.decapsulate(key, ciphertext)]) {
      assert.equal(Object.getPrototypeOf(bytes), Uint8Array.prototype);
    }
    assert.deepEqual([ciphertext.length, secret.length], [kem.ciphertextBytes, kem.secretBytes]);
    assert.deepEqual(kem.decapsulate(key, ciphertext), secret);
    assert.deepEqual(kem.decapsulate(imported, ciphertext), secret);
  });

  it('rejects a changed ciphertext implicitly: another secret, always the same (FIPS 203 §6.3)', () => {
    const key = kem.generate();
    const { ciphertext, secret } = kem.encapsulate(key.encapsulationKey);
    ciphertext[500]! ^= 1;
    const rejected = kem.decapsulate(key, ciphertext);
    assert.notDeepEqual(rejected, secret);
    assert.deepEqual(kem.decapsulate(key, ciphertext), rejected);
    const otherZ = concat(key.seed.subarray(0, 32), new Uint8Array(32));
    assert.notDeepEqual(kem.decapsulate(kem.decapsulationKey(otherZ), ciphertext), rejected);
  });

  it('refuses keys that fail the checks of FIPS 203 §7.2', () => {
    const { bytes } = kem.generate().encapsulationKey;
    const refuse = (key: Uint8Array, what: string): void => {
      assert.throws(() => kem.encapsulationKey(key), { code: 'invalid-point' }, what);
      assert.throws(() => kem.encapsulate({ bytes: key }), { code: 'invalid-point' }, `${what}, in another's handle`);
    };
    for (const index of [0, 1, 254, 255, 256, 511, 766, 767]) {
      for (const value of [3329, 3330, 4095]) refuse(withCoefficient(bytes, index, value), `${index} = ${value}`);
      kem.encapsulationKey(withCoefficient(bytes, index, 3328));
    }
    refuse(bytes.subarray(0, 1183), 'truncated');
    refuse(concat(bytes, Uint8Array.of(0)), 'a trailing byte');
    refuse(new Uint8Array(0), 'nothing');
  });

  it('takes any ρ, since every 32 bytes are one', () => {
    const { bytes } = kem.generate().encapsulationKey;
    kem.encapsulationKey(new Uint8Array(bytes).fill(0xff, 1152));
  });

  it('refuses ciphertexts and seeds of wrong lengths', () => {
    const key = kem.generate();
    for (const length of [0, 1087, 1089]) {
      assert.throws(() => kem.decapsulate(key, new Uint8Array(length)), { code: 'malformed-message' });
    }
    for (const length of [0, 32, 63, 65]) {
      assert.throws(() => kem.decapsulationKey(new Uint8Array(length)), { code: 'internal' });
    }
  });

  it('keeps its own copies and shows no seed when a key is logged', () => {
    const seed = new Uint8Array(64).fill(0x5a);
    const key = kem.decapsulationKey(seed);
    const point = new Uint8Array(key.encapsulationKey.bytes);
    const imported = kem.encapsulationKey(point);
    seed.fill(0);
    point.fill(0);
    assert.deepEqual(key.seed, new Uint8Array(64).fill(0x5a));
    assert.deepEqual(imported.bytes, key.encapsulationKey.bytes);
    assert.ok(!/90,\s*90|:90,"\d+":90/.test(inspect(key, { depth: null, showHidden: true }) + JSON.stringify(key)));
  });
}
