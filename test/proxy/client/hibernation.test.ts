import assert from 'node:assert/strict';
import { Hibernation } from '../../../proxy/client/hibernation.ts';
import type { Hibernated } from '../../../proxy/stages/hibernated.ts';

const session: Hibernated = {
  account: 'a@b',
  namespace: 'urn:xmpp:sm:3',
  previd: 's',
  up: 1,
  down: 2,
  maxMs: 1000,
};

describe('sessions that clients have left', () => {
  it('are known as long as the server keeps them', () => {
    let now = 0;
    const hibernation = new Hibernation(() => now);
    hibernation.keep('x', session);
    now = 999;
    assert.deepEqual(hibernation.recall('x'), session);
    assert.equal(hibernation.recall('y'), undefined);
    now = 1000;
    assert.equal(hibernation.recall('x'), undefined);
  });

  it('are kept up to a number, the latest', () => {
    const hibernation = new Hibernation(() => 0);
    for (let i = 0; i < 2000; i++) hibernation.keep(`x${i}`, session);
    assert.deepEqual(hibernation.recall('x1999'), session);
    assert.deepEqual(hibernation.recall('x1000'), session);
    assert.equal(hibernation.recall('x999'), undefined);
  });
});
