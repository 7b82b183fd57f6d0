import assert from 'node:assert/strict';
import { passwordStage } from '../../../proxy/stages/password.ts';
import { prepared } from '../../../proxy/setup-table.ts';
import { element, lastEffects } from './arrive.ts';

const stage = passwordStage({ account: 'alice@example.test', domain: 'example.test', prepare: prepared });
const change = (attributes: string, username = 'alice'): ReturnType<typeof element> =>
  element(
    'client',
    `<iq ${attributes}><query xmlns='jabber:iq:register'><username>${username}</username><password>new</password></query></iq>`,
  );
const answer = (type: string): ReturnType<typeof element> => element('server', `<iq id='p1' type='${type}'/>`);
const forward = { kind: 'forward' };
const keep = { kind: 'job', job: { kind: 'keep-password', password: 'new' } };

describe('the password stage', () => {
  it('keeps a changed password when the server has confirmed it, before the client hears of it', () => {
    assert.deepEqual(lastEffects(stage, [change(`id='p1' type='set'`)]), [forward]);
    assert.deepEqual(lastEffects(stage, [change(`id='p1' type='set'`), answer('result')]), [keep, forward]);
    assert.deepEqual(lastEffects(stage, [change(`id='p1' type='set' to='Example.test'`), answer('result')]), [
      keep,
      forward,
    ]);
  });

  it('keeps nothing that the server refused', () => {
    assert.deepEqual(lastEffects(stage, [change(`id='p1' type='set'`), answer('error')]), [forward]);
    assert.deepEqual(lastEffects(stage, [change(`id='p1' type='set'`), answer('error'), answer('result')]), [forward]);
  });

  it('keeps nothing of a registration with somebody else, or for somebody else', () => {
    const elsewhere = change(`id='p1' type='set' to='icq.example.test'`);
    assert.deepEqual(lastEffects(stage, [elsewhere, answer('result')]), [forward]);
    assert.deepEqual(lastEffects(stage, [change(`id='p1' type='set'`, 'bob'), answer('result')]), [forward]);
  });

  it('asks nobody but the account’s own server: not another client of the account', () => {
    for (const [to, effects] of [
      ['example.test', [keep, forward]],
      ['Alice@example.test', [keep, forward]],
      ['alice@example.test/other', [forward]],
      ['example.test/other', [forward]],
      ['bob@example.test', [forward]],
    ] as const) {
      assert.deepEqual(lastEffects(stage, [change(`id='p1' type='set' to='${to}'`), answer('result')]), effects, to);
    }
  });

  it('believes nobody else’s answer, and still hears the server’s', () => {
    const asked = change(`id='p1' type='set'`);
    const from = (address: string, type = 'result'): ReturnType<typeof element> =>
      element('server', `<iq id='p1' type='${type}' from='${address}'/>`);
    for (const own of ['example.test', 'alice@example.test']) {
      assert.deepEqual(lastEffects(stage, [asked, from(own)]), [keep, forward], own);
    }
    for (const other of ['alice@example.test/other', 'mallory@example.test', 'example.test/x', 'elsewhere.test', '@']) {
      assert.deepEqual(lastEffects(stage, [asked, from(other)]), [forward], other);
      assert.deepEqual(lastEffects(stage, [asked, from(other), answer('result')]), [keep, forward], other);
      assert.deepEqual(lastEffects(stage, [asked, from(other, 'error'), answer('result')]), [keep, forward], other);
    }
  });
});
