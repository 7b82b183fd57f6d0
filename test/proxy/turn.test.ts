import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';

import { gather, inTurn } from '../../proxy/turn.ts';

/** A stream that keeps what left it, one entry for each time. */
function recorder(): { readonly stream: Duplex; readonly left: string[] } {
  const left: string[] = [];
  const stream = new Duplex({
    read: () => undefined,
    write(chunk, _encoding, done) {
      left.push(String(chunk));
      done();
    },
    writev(chunks, done) {
      left.push(chunks.map(({ chunk }) => String(chunk)).join(''));
      done();
    },
  });
  return { stream, left };
}

function write({ stream }: { readonly stream: Duplex }, text: string): void {
  gather(stream);
  stream.write(text);
}

describe('a turn', () => {
  it('lets what was written in it leave as one, when it ends and not later', () => {
    const [a, b] = [recorder(), recorder()];
    inTurn(() => {
      write(a, '1');
      write(b, '2');
      write(a, '3');
      assert.deepEqual([a.left, b.left], [[], []]);
    });
    assert.deepEqual([a.left, b.left], [['13'], ['2']]);
  });

  it('within a turn is part of it', () => {
    const a = recorder();
    inTurn(() => {
      inTurn(() => write(a, '1'));
      assert.deepEqual(a.left, []);
      write(a, '2');
    });
    assert.deepEqual(a.left, ['12']);
  });

  it('that ends with an exception holds nothing back', () => {
    const a = recorder();
    assert.throws(() =>
      inTurn(() => {
        write(a, '1');
        throw new Error('broken');
      }),
    );
    assert.deepEqual(a.left, ['1']);
  });

  it('is over for a stream that was uncorked in it: what follows begins anew', () => {
    const a = recorder();
    inTurn(() => {
      write(a, '1');
      a.stream.uncork();
      assert.deepEqual(a.left, ['1']);
      write(a, '2');
      write(a, '3');
    });
    assert.deepEqual(a.left, ['1', '23']);
    assert.equal(a.stream.writableCorked, 0);
  });
});

describe('outside of a turn', () => {
  it('what one task writes leaves as one behind it', async () => {
    const a = recorder();
    write(a, '1');
    write(a, '2');
    assert.deepEqual(a.left, []);
    await setImmediate();
    assert.deepEqual(a.left, ['12']);
  });
});
