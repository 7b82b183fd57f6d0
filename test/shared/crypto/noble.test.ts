import assert from 'node:assert/strict';
import { shake128 } from '@noble/hashes/sha3.js';
import { fromHex, toHex, utf8 } from '../../../shared/bytes.ts';
import { p224, p256 } from '../../../shared/crypto/curves.ts';
import { nobleCrypto, portableCrypto } from '../../../shared/crypto/noble.ts';
import type { Curve } from '../../../shared/crypto/provider.ts';
import { describeCurves, withOtherS } from './curve-cases.ts';
import { describeKem } from './kem-cases.ts';
import { describeSymmetric } from './symmetric-cases.ts';

describe('the portable provider', () => {
  describeCurves(nobleCrypto);
  describeSymmetric(nobleCrypto);
  describe('ML-KEM-768', () => describeKem(nobleCrypto.mlKem768));

  it('signs deterministically as RFC 6979 A.2.4 and A.2.5 say, s made low', () => {
    const sign = (curve: Curve, secret: string, message: string): string =>
      toHex(curve.sign(curve.privateKey(fromHex(secret)), utf8(message)));
    const p256Key = 'c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721';
    const p224Key = 'f220266e1105bfe3083e03ec7a3a654651f45e37167e88600bf257c1';
    const low = (parameters: typeof p256, signature: string): string =>
      toHex(withOtherS(parameters, fromHex(signature)));
    assert.equal(
      sign(nobleCrypto.p256, p256Key, 'sample'),
      low(
        p256,
        'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
      ),
    );
    assert.equal(
      sign(nobleCrypto.p256, p256Key, 'test'),
      'f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083',
    );
    assert.equal(
      sign(nobleCrypto.p224, p224Key, 'sample'),
      low(
        p224,
        '61aa3da010e8e8406c656bc477a7a7189895e7e840cdfe8ff42307babc814050dab5d23770879494f9e0a680dc1af7161991bde692b10101',
      ),
    );
    assert.equal(
      sign(nobleCrypto.p224, p224Key, 'test'),
      'ad04dde87b84747a243a631ea47a1ba6d1faa059149ad2440de6fba6178d49b1ae90e3d8b629be3db5683915f4e8c99fdf6e666cf37adcfd',
    );
  });

  it('does ML-KEM-768 as FIPS 203 says: the accumulated vectors of the Go project, 100 rounds', () => {
    // Seeds, messages and random ciphertexts come from SHAKE128(""); all outputs are absorbed by another SHAKE128.
    const source = shake128.create({});
    const { mlKem768: kem } = portableCrypto((length) => source.xof(length));
    const all = shake128.create({});
    for (let i = 0; i < 100; i++) {
      const key = kem.generate();
      const { ciphertext, secret } = kem.encapsulate(key.encapsulationKey);
      assert.deepEqual(kem.decapsulate(key, ciphertext), secret);
      all.update(key.encapsulationKey.bytes).update(ciphertext).update(secret);
      all.update(kem.decapsulate(key, source.xof(kem.ciphertextBytes)));
    }
    assert.equal(toHex(all.xof(32)), '1114b1b6699ed191734fa339376afa7e285c9e6acf6ff0177d346696ce564415');
  }).timeout(20_000);

  it('is a function of the randomness that it is given', () => {
    const counting = (): ((length: number) => Uint8Array) => {
      let next = 0;
      return (length) => Uint8Array.from({ length }, () => next++ & 0xff);
    };
    const [one, other] = [portableCrypto(counting()), portableCrypto(counting())];
    assert.deepEqual(one.p256.generate().secret, other.p256.generate().secret);
    const key = one.mlKem768.generate();
    assert.deepEqual(key.seed, other.mlKem768.generate().seed);
    assert.deepEqual(one.mlKem768.encapsulate(key.encapsulationKey), other.mlKem768.encapsulate(key.encapsulationKey));
  });
});
