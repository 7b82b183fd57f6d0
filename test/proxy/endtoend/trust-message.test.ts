import assert from 'node:assert/strict';
import { nodeCrypto as crypto } from '../../../proxy/crypto/support.ts';
import { refuse, verify } from '../../../proxy/endtoend/trust-decision.ts';
import { afterDecision, decisionOf } from '../../../proxy/endtoend/trust-message.ts';
import { stranger, type Known } from '../../../proxy/endtoend/trust.ts';
import { personFingerprint } from '../../../shared/simpp/fingerprint.ts';
import type { KeyDecision } from '../../../shared/xmpp/trust-message.ts';

const alice = 'alice@example.test';
const bob = 'bob@example.test';
const kuA = crypto.p256.generate().publicKey.bytes;
const nextKuA = crypto.p256.generate().publicKey.bytes;
const otherKuA = crypto.p256.generate().publicKey.bytes;
const unknown = stranger(bob);
const met: Known = { ...unknown, contact: { ...unknown.contact, kuA, trust: 'blind' } };
const changed: Known = { ...met, contact: { ...met.contact, nextKuA, trust: 'changed' } };

const about = (key: Uint8Array, isTrusted: boolean, jid = bob): KeyDecision => {
  const fingerprint = personFingerprint(crypto, jid, key);
  return { jid, trust: isTrusted ? [fingerprint] : [], distrust: isTrusted ? [] : [fingerprint] };
};

const trustAfter = (decision: KeyDecision, known: Known): string | undefined =>
  afterDecision(crypto, alice, decision, known)?.contact.trust;

describe('trust decisions between own devices (XEP-0450)', () => {
  it('tell what was verified or refused, and nothing else', () => {
    assert.deepEqual(decisionOf(crypto, verify(crypto, met)), about(kuA, true));
    assert.deepEqual(decisionOf(crypto, refuse(met)), about(kuA, false));
    for (const known of [met, changed, unknown]) assert.equal(decisionOf(crypto, known), undefined);
  });

  it('verify, refuse, and take a changed key that another device has compared', () => {
    assert.equal(trustAfter(about(kuA, true), met), 'verified');
    assert.equal(trustAfter(about(kuA, false), met), 'refused');
    assert.equal(trustAfter(about(nextKuA, true), changed), 'verified');
    assert.deepEqual(afterDecision(crypto, alice, about(nextKuA, true), changed)?.contact.kuA, nextKuA);
  });

  it('change nothing that they are not about', () => {
    assert.equal(trustAfter(about(nextKuA, false), changed), undefined, 'a key that only waits');
    assert.equal(trustAfter(about(otherKuA, true), met), undefined, 'a key that nobody here has seen');
    assert.equal(trustAfter(about(kuA, true), verify(crypto, met)), undefined, 'what is so already');
    assert.equal(trustAfter(about(kuA, true, 'carol@example.test'), met), undefined, 'another person');
  });

  it("never speak about one's own devices: those are in the list that the account key signs", () => {
    const self: Known = { ...met, contact: { ...met.contact, jid: alice } };
    assert.equal(trustAfter(about(kuA, false, alice), self), undefined);
  });
});
