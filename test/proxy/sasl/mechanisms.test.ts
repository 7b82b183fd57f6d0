import assert from 'node:assert/strict';
import { chooseMechanism } from '../../../proxy/sasl/mechanisms.ts';

const all = [
  'PLAIN',
  'X-OAUTH2',
  'SCRAM-SHA-1',
  'SCRAM-SHA-256',
  'SCRAM-SHA-512',
  'SCRAM-SHA-1-PLUS',
  'SCRAM-SHA-256-PLUS',
];
const leg = { plainAllowed: true, canBind: false };

describe('the choice among the mechanisms of a server', () => {
  it('is the strongest SCRAM, whatever the order of the list', () => {
    assert.equal(chooseMechanism(all, leg), 'SCRAM-SHA-512');
    assert.equal(chooseMechanism(all.toReversed(), leg), 'SCRAM-SHA-512');
    assert.equal(chooseMechanism(['PLAIN', 'SCRAM-SHA-1'], leg), 'SCRAM-SHA-1');
  });

  it('is -PLUS only on a leg that can bind', () => {
    assert.equal(chooseMechanism(all, { ...leg, canBind: true }), 'SCRAM-SHA-256-PLUS');
    assert.equal(chooseMechanism(['SCRAM-SHA-1-PLUS'], leg), undefined);
  });

  it('is PLAIN only when nothing else is there and the password may cross the leg', () => {
    assert.equal(chooseMechanism(['PLAIN', 'EXTERNAL'], leg), 'PLAIN');
    assert.equal(chooseMechanism(['PLAIN'], { ...leg, plainAllowed: false }), undefined);
  });

  it('is nothing when the server offers only what is unknown', () => {
    assert.equal(chooseMechanism(['constructor', 'toString', 'DIGEST-MD5', 'scram-sha-1'], leg), undefined);
    assert.equal(chooseMechanism([], leg), undefined);
  });
});
