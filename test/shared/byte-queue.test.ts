import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ByteQueue } from '../../shared/byte-queue.ts';
import { concat } from '../../shared/bytes.ts';

describe('a queue of bytes', () => {
  it('gives the bytes in order, in whatever chunks they came and whatever pieces they leave', () => {
    const chunk = fc.uint8Array({ maxLength: 12 });
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 200 }), fc.array(fc.nat(40)), fc.boolean(), (chunks, lengths, early) => {
        const queue = new ByteQueue();
        const sent = concat(...chunks);
        const taken: Uint8Array[] = [];
        const take = (length: number): void => {
          const waiting = queue.length;
          const piece = queue.take(length);
          assert.equal(piece?.length, length > waiting ? undefined : length);
          assert.equal(queue.length, waiting - (piece?.length ?? 0));
          if (piece !== undefined) taken.push(piece);
        };
        for (const [at, bytes] of chunks.entries()) {
          queue.push(bytes);
          if (early) take(lengths[at] ?? 1);
        }
        lengths.forEach(take);
        take(queue.length);
        assert.deepEqual(concat(...taken), sent);
      }),
    );
  });

  it('does not copy a piece that came within one chunk', () => {
    const queue = new ByteQueue();
    const chunk = Uint8Array.of(1, 2, 3, 4, 5);
    queue.push(chunk);
    for (const length of [2, 3]) assert.equal(queue.take(length)?.buffer, chunk.buffer);
    assert.equal(queue.length, 0);
  });
});
