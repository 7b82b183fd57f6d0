// What a client puts into a message comes out at the other one, whole.
import assert from 'node:assert/strict';

import { overheard } from '../../../proxy/try/overheard.ts';
import { needs } from '../../run/needs.ts';
import { logInRaw } from '../support/raw-session.ts';
import { SlixmppClient } from '../support/slixmpp.ts';
import { untilFound } from '../support/virtual-contact.ts';
import { alice, bob } from '../support/world.ts';
import { pairOfSuite } from './pair.ts';

/** Elements as written, each to come out so: by what they are. */
const payloads = {
  'a request for a receipt': `<request xmlns='urn:xmpp:receipts'/>`,
  'a receipt': `<received xmlns='urn:xmpp:receipts' id='heron-1'/>`,
  'a marker': `<displayed xmlns='urn:xmpp:chat-markers:0' id='heron-2'/>`,
  'a chat state': `<composing xmlns='http://jabber.org/protocol/chatstates'/>`,
  'a correction': `<replace xmlns='urn:xmpp:message-correct:0' id='heron-3'/>`,
  reactions: `<reactions xmlns='urn:xmpp:reactions:0' id='heron-4'><reaction>🐢</reaction></reactions>`,
  'a reply': `<reply xmlns='urn:xmpp:reply:0' to='bob@example.test' id='heron-5'/>`,
  'a file': `<x xmlns='jabber:x:oob'><url>https://heron.example/käfer.png</url></x>`,
  'formatted text': `<html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'><p>the <em>grey</em> heron</p></body></html>`,
  'something unknown': `<nest xmlns='urn:example:heron' eggs='3'>four &amp; five</nest>`,
} as const satisfies Record<string, string>;

describe('31 encrypted: what a client receives', function () {
  needs('prosody', 'slixmpp');
  this.timeout(60_000);
  const pair = pairOfSuite({ way: 'gateway' });

  it('is what the other one has sent', async () => {
    await using slixmpp = await SlixmppClient.login(pair().login(0, alice));
    await using second = await logInRaw(pair().login(1, bob));
    await untilFound(slixmpp, bob.jid);
    await using first = await logInRaw(pair().login(0, alice));
    for (const [index, [what, payload]] of Object.entries(payloads).entries()) {
      for (const body of ['', '<body>the heron moves</body>']) {
        const id = `payload-${index}-${body.length}`;
        first.write(`<message to='${bob.jid}' type='chat' id='${id}'>${body}${payload}</message>`);
        const heard = await second.hear(new RegExp(`<message [^>]*id=['"]${id}['"][^]*?</message>`));
        const stanza = new RegExp(`<message [^>]*id=['"]${id}['"][^]*?</message>`).exec(heard)?.[0] ?? '';
        assert.ok(stanza.includes(payload), `${what}: ${stanza}`);
        assert.equal(stanza.includes('the heron moves'), body !== '', what);
      }
    }
  });

  it('has subject, thread and language', async () => {
    await using second = await logInRaw(pair().login(1, bob));
    await using first = await logInRaw(pair().login(0, alice));
    first.write(
      `<message to='${bob.jid}' id='letter' xml:lang='de'><subject>Heron, betrifft</subject><body>Sehr geehrter Heron</body><thread parent='old-heron'>new-heron</thread></message>`,
    );
    const heard = await second.hear(/<message [^>]*id=['"]letter['"][^]*?<\/message>/);
    const [stanza = ''] = /<message [^>]*id=['"]letter['"][^]*?<\/message>/.exec(heard) ?? [];
    assert.match(stanza, /xml:lang=['"]de['"]/);
    assert.match(stanza, /<subject[^>]*>Heron, betrifft<\/subject>/);
    assert.match(stanza, /<thread [^>]*parent=['"]old-heron['"][^>]*>new-heron<\/thread>/);
    assert.doesNotMatch(stanza, /^<message [^>]*type=['"]chat/);
  });

  it('answers receipts by itself where the client does (XEP-0184)', async () => {
    const plugins = ['xep_0184'];
    await using second = await SlixmppClient.login({ ...pair().login(1, bob), plugins });
    await using first = await SlixmppClient.login({ ...pair().login(0, alice), plugins });
    first.command({
      do: 'send',
      xml: `<message to='${bob.jid}' type='chat' id='asks'><body>heron, received?</body><request xmlns='urn:xmpp:receipts'/></message>`,
    });
    await second.hear('heron, received?');
    await first.events.take(
      ({ event, xml }) => event === 'stanza' && /<received [^>]*id="asks"/.test(String(xml)),
      'the receipt',
    );
  });

  it('is nothing that the server knows', () => {
    const words = ['heron', 'käfer.png', 'urn:xmpp:reactions', 'chat-markers', 'message-correct', 'composing'];
    assert.deepEqual(overheard(pair().atServer.captured('up'), words), []);
  });
});
