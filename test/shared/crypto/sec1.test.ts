import assert from 'node:assert/strict';
import fc from 'fast-check';
import { concat, fromHex, toHex } from '../../../shared/bytes.ts';
import { p256 } from '../../../shared/crypto/curves.ts';
import { assertPointForm, isBelow } from '../../../shared/crypto/sec1.ts';

describe('the checks before a key is used', () => {
  it('isBelow compares big-endian numbers', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 4, maxLength: 4 }),
        fc.uint8Array({ minLength: 4, maxLength: 4 }),
        (a, b) => {
          assert.equal(isBelow(a, b), BigInt(`0x${toHex(a)}`) < BigInt(`0x${toHex(b)}`));
          assert.equal(isBelow(a, a), false);
        },
      ),
    );
  });

  it('a coordinate may be p - 1 and not p', () => {
    const { p } = p256;
    const below = fromHex((BigInt(`0x${toHex(p)}`) - 1n).toString(16));
    const point = (x: Uint8Array, y: Uint8Array): Uint8Array => concat(Uint8Array.of(4), x, y);
    assertPointForm(p256, point(below, below));
    assert.throws(() => assertPointForm(p256, point(p, below)), { code: 'invalid-point' });
    assert.throws(() => assertPointForm(p256, point(below, p)), { code: 'invalid-point' });
  });
});
