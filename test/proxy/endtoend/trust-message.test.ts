import assert from 'node:assert/strict';
import { nodeCrypto as crypto } from '../../../proxy/crypto/support.ts';
import type { DeviceRecord } from '../../../proxy/endtoend/records.ts';
import { refuse, verify } from '../../../proxy/endtoend/trust-decision.ts';
import {
  applyStatement,
  readTrustMessage,
  statementOf,
  writeTrustMessage,
  type TrustStatement,
} from '../../../proxy/endtoend/trust-message.ts';
import { stranger, type Known } from '../../../proxy/endtoend/trust.ts';
import { utf8 } from '../../../shared/bytes.ts';
import { personFingerprint } from '../../../shared/simpp/fingerprint.ts';
import { noBindings } from '../../../shared/xml/tag.ts';

const alice = 'alice@example.test';
const bob = 'bob@example.test';
const kuA = crypto.p256.generate().publicKey.bytes;
const nextKuA = crypto.p256.generate().publicKey.bytes;
const unknown = stranger(bob);
const met: Known = { ...unknown, contact: { ...unknown.contact, kuA, trust: 'blind' } };
const changed: Known = { ...met, contact: { ...met.contact, nextKuA, trust: 'changed' } };
const own: DeviceRecord = {
  jid: alice,
  deviceId: '00'.repeat(16),
  certificate: new Uint8Array(1),
  state: 'listed',
  since: 0,
};
const of = (key: Uint8Array, isTrusted: boolean, jid = bob): TrustStatement => ({
  jid,
  fingerprint: personFingerprint(crypto, jid, key),
  isTrusted,
});

function outcome(statement: TrustStatement, known: Known, from = own): string {
  const effect = applyStatement(crypto, alice, from, statement, known);
  return effect.kind === 'changed' ? effect.known.contact.trust : effect.kind;
}

const read = (xml: string): readonly TrustStatement[] | undefined => readTrustMessage(utf8(xml), noBindings);

describe('trust messages between own devices (XEP-0450)', () => {
  it('tell what was verified or refused, and nothing else', () => {
    assert.deepEqual(statementOf(crypto, verify(crypto, met)), of(kuA, true));
    assert.deepEqual(statementOf(crypto, refuse(met)), of(kuA, false));
    for (const known of [met, changed, unknown]) assert.equal(statementOf(crypto, known), undefined);
  });

  it('are read as they were written', () => {
    const statements = [of(kuA, true), of(nextKuA, false, 'carol@example.test')];
    assert.deepEqual(read(writeTrustMessage(statements)), statements);
  });

  it('verify, refuse, and take a changed key that another device has compared', () => {
    assert.equal(outcome(of(kuA, true), met), 'verified');
    assert.equal(outcome(of(kuA, false), met), 'refused');
    assert.equal(outcome(of(nextKuA, true), changed), 'verified');
    assert.equal(outcome(of(nextKuA, false), changed), 'ignored');
  });

  it('are kept while the key is not known, and say nothing new twice', () => {
    assert.equal(outcome(of(kuA, true), unknown), 'kept');
    assert.equal(outcome(of(nextKuA, true), met), 'kept');
    assert.equal(outcome(of(kuA, true), verify(crypto, met)), 'ignored');
  });

  it('count only from a listed device of our own, and never about our own account', () => {
    assert.equal(outcome(of(kuA, true), met, { ...own, jid: bob }), 'ignored');
    assert.equal(outcome(of(kuA, true), met, { ...own, state: 'removed' }), 'ignored');
    assert.equal(outcome(of(kuA, true), met, { ...own, state: 'new' }), 'ignored');
    const self = { ...met, contact: { ...met.contact, jid: alice } };
    assert.equal(outcome(of(kuA, true, alice), self), 'ignored');
    assert.equal(outcome(of(kuA, true, 'carol@example.test'), met), 'ignored');
  });

  it('of another usage or encryption are none, and what cannot be read in one is left out', () => {
    const xml = writeTrustMessage([of(kuA, true)]);
    assert.equal(read(xml.replace('urn:simpp:e2e:2', 'urn:xmpp:omemo:2')), undefined);
    assert.equal(read(xml.replace('urn:xmpp:atm:1', 'urn:other')), undefined);
    assert.equal(read("<message xmlns='jabber:client'/>"), undefined);
    assert.deepEqual(read(xml.replace("jid='bob@example.test'", "jid='@'")), []);
    assert.deepEqual(
      read(xml.replace(/<trust>.*<\/trust>/, '<trust>AAAA</trust><trust>?</trust><trust><x/></trust>')),
      [],
    );
  });

  it('are read up to 256 statements', () => {
    const many = Array.from({ length: 300 }, () => of(kuA, true));
    assert.equal(read(writeTrustMessage(many))?.length, 256);
  });
});
