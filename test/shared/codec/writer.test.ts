import assert from 'node:assert/strict';

import { bytes, rest, u8 } from '../../../shared/codec/field.ts';
import { message } from '../../../shared/codec/message.ts';
import { Writer } from '../../../shared/codec/writer.ts';

describe('a writer', () => {
  const long = message('Long', 1, { all: rest(0, 100_000) });

  it('gives each message memory of its own, whatever is written after it', () => {
    const first = long.encode({ all: new Uint8Array(40).fill(7) });
    long.encode({ all: new Uint8Array(40).fill(9) });
    assert.deepEqual(first, Uint8Array.of(1, ...new Uint8Array(40).fill(7)));
  });

  it('may stand beside another one that has not ended', () => {
    const [outer, inner] = [new Writer(), new Writer()];
    outer.uint(1, 1);
    inner.uint(2, 1);
    outer.put(inner.end());
    assert.deepEqual(outer.end(), Uint8Array.of(1, 2));
  });

  it('grows with what is written, and what a long one held is in no later one', () => {
    const all = new Uint8Array(50_000).fill(5);
    assert.deepEqual(long.encode({ all }).subarray(1), all);
    assert.deepEqual(long.encode({ all: new Uint8Array(3) }), Uint8Array.of(1, 0, 0, 0));
  });

  it('begins anew after a message that cannot be written', () => {
    const short = message('Short', 2, { some: bytes(0, 4), number: u8() });
    assert.throws(() => short.encode({ some: new Uint8Array(4), number: 256 }), { code: 'malformed-message' });
    assert.deepEqual(short.encode({ some: new Uint8Array(0), number: 1 }), Uint8Array.of(2, 0, 0, 1));
  });
});
