import assert from 'node:assert/strict';
import { policies } from '../../../proxy/endtoend/desk.ts';
import { verdictFor, verdictWithoutKeys, type KeyKnowledge } from '../../../proxy/endtoend/sending-rules.ts';

const everyKnowledge: readonly KeyKnowledge[] = [
  { kind: 'usable' },
  { kind: 'undecided', text: 'a new key' },
  { kind: 'unusable' },
  { kind: 'none', hadKeys: true },
  { kind: 'none', hadKeys: false },
  { kind: 'unknown', reason: 'time-out' },
];

const facts = { hasOptedOut: false, isWaiting: false } as const;

describe('what may leave', () => {
  it('plaintext under prefer only for somebody who certainly never had keys, or who opted out', () => {
    const clear = everyKnowledge.filter((keys) => verdictFor({ ...facts, policy: 'prefer', keys }).kind === 'clear');
    assert.deepEqual(clear, [{ kind: 'none', hadKeys: false }]);
    for (const keys of [{ kind: 'usable' }, { kind: 'none', hadKeys: true }] as const) {
      assert.equal(verdictFor({ ...facts, policy: 'prefer', keys, hasOptedOut: true }).kind, 'clear');
    }
  });

  it('never plaintext under require, whatever is known', () => {
    for (const keys of everyKnowledge) {
      for (const hasOptedOut of [false, true]) {
        assert.notEqual(verdictFor({ ...facts, policy: 'require', keys, hasOptedOut }).kind, 'clear');
      }
    }
    assert.equal(verdictWithoutKeys('require', { kind: 'room' }).kind, 'refuse');
  });

  it('nothing that a look-up did not answer is taken for "no keys"', () => {
    const keys = { kind: 'unknown', reason: 'time-out' } as const;
    for (const hasOptedOut of [false, true]) {
      assert.equal(verdictFor({ ...facts, policy: 'prefer', keys, hasOptedOut }).kind, 'refuse');
    }
  });

  it('a decision that is due holds everything back, also for who opted out', () => {
    const keys = { kind: 'undecided', text: 'a new key' } as const;
    for (const policy of ['prefer', 'require'] as const) {
      assert.equal(verdictFor({ ...facts, policy, keys, hasOptedOut: true }).kind, 'refuse');
    }
  });

  it('a device that waits for approval seals nothing and says so', () => {
    assert.deepEqual(verdictFor({ policy: 'prefer', keys: { kind: 'usable' }, hasOptedOut: false, isWaiting: true }), {
      kind: 'refuse',
      refusal: { kind: 'device-waits' },
    });
  });

  it('everything leaves as it is under off', () => {
    for (const keys of everyKnowledge) assert.equal(verdictFor({ ...facts, policy: 'off', keys }).kind, 'clear');
    assert.equal(verdictWithoutKeys('off', { kind: 'room' }).kind, 'clear');
    assert.equal(policies.length, 3);
  });
});
