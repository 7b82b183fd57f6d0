import assert from 'node:assert/strict';
import { saslPrep } from '../../../shared/xmpp/saslprep.ts';

describe('SASLprep (RFC 4013)', () => {
  it('gives the examples of §3', () => {
    assert.equal(saslPrep('I\u00adX'), 'IX');
    assert.equal(saslPrep('user'), 'user');
    assert.equal(saslPrep('USER'), 'USER');
    assert.equal(saslPrep('\u00aa'), 'a');
    assert.equal(saslPrep('\u2168'), 'IX');
    assert.throws(() => saslPrep('\u0007'), { code: 'sasl-failed' });
  });

  it('keeps case and ordinary spaces, and makes every other space one of them', () => {
    assert.equal(saslPrep('correct Horse\u2003x\u00a0y'), 'correct Horse x y');
  });

  it('composes, so that it does not matter how a letter was typed', () => {
    assert.equal(saslPrep('e\u0301'), '\u00e9');
  });

  it('says nothing of the password in its error', () => {
    for (const password of ['', '\u200d', 'secret\u0000', 'secret\ufffd', 'secret\ue000', 'secret\u{1fffe}']) {
      assert.throws(
        () => saslPrep(password),
        (error: Error) => !error.message.includes('secret') && error.message.length > 10,
      );
    }
  });
});
