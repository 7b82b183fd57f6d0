import assert from 'node:assert/strict';
import { fromUtf8, utf8 } from '../../../shared/bytes.ts';
import { SimppError } from '../../../shared/errors.ts';
import { readEnvelope, writeEnvelope } from '../../../shared/xmpp/envelope.ts';
import type { Meaning } from '../../../shared/xmpp/envelope-content.ts';
import { writeTrustMessage } from '../../../shared/xmpp/trust-message.ts';
import { entropy, from, time, to } from './sealed.ts';

const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const decisions = [
  { jid: 'romeo@example.test', trust: [key(1)], distrust: [key(2), key(3)] },
  { jid: 'nurse@example.test', trust: [], distrust: [] },
];
const meaningOf = (content: string): Meaning =>
  readEnvelope(writeEnvelope({ content: utf8(content), from, to, time }, entropy)).meaning;

describe('trust messages between the devices of a person (XEP-0434, XEP-0450)', () => {
  const written = fromUtf8(writeTrustMessage(decisions));

  it('say whose keys are trusted, and whose are not', () => {
    assert.deepEqual(meaningOf(written), { kind: 'trust', trust: decisions });
    assert.match(written, /^<trust-message xmlns='urn:xmpp:tm:1' usage='urn:xmpp:atm:1' encryption='urn:simpp:e2e:2'>/);
  });

  it('of other encryption are content of clients', () => {
    assert.deepEqual(meaningOf(written.replace('urn:simpp:e2e:2', 'urn:xmpp:omemo:2')), { kind: 'content' });
  });

  it('are refused with keys that are none, elements that do not belong, or without end', () => {
    const owner = `<key-owner jid='nurse@example.test'/>`;
    const oneKey = '<trust>AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=</trust>';
    assert.ok(written.includes(oneKey) && written.includes(owner));
    for (const changed of [
      written.replace(oneKey, '<trust>AQEB</trust>'),
      written.replace(oneKey, '<trust>no base64</trust>'),
      written.replace(oneKey, '<trust><a/></trust>'),
      written.replace(oneKey, '<other/>'),
      written.replace(oneKey, oneKey.repeat(20)),
      written.replace(owner, owner.repeat(300)),
      written.replace(owner, '<other/>'),
      written.replace(owner, `<key-owner jid='@'/>`),
      written.replace('urn:xmpp:atm:1', 'urn:xmpp:atm:2'),
      `${written}<body xmlns='jabber:client'/>`,
    ]) {
      assert.throws(
        () => meaningOf(changed),
        (error) => error instanceof SimppError && error.code === 'malformed-message',
        changed,
      );
    }
  });
});
