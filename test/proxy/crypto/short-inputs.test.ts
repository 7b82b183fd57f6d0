import assert from 'node:assert/strict';
import { hkdf, hmacSha256, sha256 } from '../../../proxy/crypto/hmac.ts';
import { randomBytes } from '../../../proxy/crypto/random.ts';
import { toHex } from '../../../shared/bytes.ts';
import { nobleCrypto } from '../../../shared/crypto/noble.ts';

const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => (at * 7 + length) % 256);

describe('hashes and randomness for short inputs', () => {
  it('give what the portable provider gives on either side of what counts as short', () => {
    for (const length of [0, 1, 55, 56, 63, 64, 65, 1023, 1024, 1025, 5000]) {
      const data = bytes(length);
      const parts = [data.subarray(0, length >> 1), new Uint8Array(0), data.subarray(length >> 1)];
      assert.deepEqual(sha256(data), nobleCrypto.sha256(data), `SHA-256 of ${length}`);
      assert.deepEqual(sha256(...parts), nobleCrypto.sha256(data), `SHA-256 of ${length} in parts`);
      for (const keyLength of [0, 1, 32, 63, 64, 65, 200]) {
        const key = bytes(keyLength);
        const expected = nobleCrypto.hmacSha256(key, data);
        assert.deepEqual(hmacSha256(key, ...parts), expected, `HMAC of ${length} under ${keyLength}`);
      }
      assert.deepEqual(hkdf(bytes(16), data, bytes(20), 44), nobleCrypto.hkdf(bytes(16), data, bytes(20), 44));
    }
  });

  it('give results that later calls leave alone', () => {
    const results = [sha256(bytes(1)), hmacSha256(bytes(32), bytes(5)), randomBytes(16)];
    const before = results.map(toHex);
    for (let round = 0; round < 100; round++) {
      sha256(bytes(round));
      hmacSha256(bytes(32), bytes(round));
      randomBytes(16);
    }
    assert.deepEqual(results.map(toHex), before);
  });

  it('never give random bytes twice, over many refills and lengths', () => {
    const seen = new Set<string>();
    for (let round = 0; round < 2000; round++) seen.add(toHex(randomBytes(16 + (round % 60))).slice(0, 32));
    assert.equal(seen.size, 2000);
    for (const length of [0, 1, 64, 65, 4096]) assert.equal(randomBytes(length).length, length);
    assert.ok(randomBytes(4096).some((byte) => byte !== 0));
  });
});
