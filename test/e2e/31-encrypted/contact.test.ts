// The virtual contact, as people meet it in their clients (transparency.md §5.8).
import assert from 'node:assert/strict';

import { needs } from '../../run/needs.ts';
import { Profanity } from '../support/profanity.ts';
import { logInRaw } from '../support/raw-session.ts';
import { SlixmppClient } from '../support/slixmpp.ts';
import { ask, contactJid as contact, told, untilFound } from '../support/virtual-contact.ts';
import { alice, bob } from '../support/world.ts';
import { pairOfSuite } from './pair.ts';

describe('31 encrypted: the virtual contact', function () {
  needs('prosody', 'slixmpp', 'profanity');
  this.timeout(60_000);
  const pair = pairOfSuite({ way: 'gateway' });

  it('is in the roster, online, and answers', async () => {
    await using first = await SlixmppClient.login(pair().login(0, alice));
    first.command({ do: 'roster' });
    const { contacts } = await first.event('roster');
    assert.equal((contacts as Record<string, string>)[contact], 'both');
    await first.events.take(
      ({ event, from, type }) => event === 'presence' && from === contact && type === 'available',
      'its presence',
    );
    assert.match(await ask(first, 'help', /This is SIMPP/), /fingerprint \[JID\]/);
    assert.match(await ask(first, 'status', /You are/), /This device is [0-9a-f]+[^]*the gateway/);
    assert.match(await ask(first, 'fingerprint', /Your fingerprint/), /(\d{5}\s+){11}\d{5}/);
    assert.match(await ask(first, 'devices', /this one/), /in use · this one/);
    assert.match(await ask(first, 'policy', /without an own setting/), /encrypted when they can/);
    assert.match(await ask(first, `policy ${bob.jid} require`, /For bob/), /always encrypted/);
    assert.match(await ask(first, `policy ${bob.jid} default`, /For bob/), /encrypted when they can/);
    assert.match(await ask(first, 'stauts', /is no command/), /Did you mean "status"/);
  });

  it('carries a verification by six digits between two people', async () => {
    await using first = await SlixmppClient.login(pair().login(0, alice));
    await using second = await SlixmppClient.login(pair().login(1, bob));
    await untilFound(first, bob.jid);
    first.say(bob.jid, 'are you there');
    await second.hear('are you there');
    second.say(alice.jid, 'I am');
    await first.hear('I am');
    const shown = /six digits, by voice: (\d{6}|\d{3} \d{3})/;
    first.say(contact, `verify ${bob.jid} start`);
    await told(second, /A verification with alice/);
    second.say(contact, `verify ${alice.jid} start`);
    const [, ofFirst = ''] = shown.exec((await told(first, shown)).body) ?? [];
    const [, ofSecond = ''] = shown.exec((await told(second, shown)).body) ?? [];
    assert.notEqual(ofFirst, ofSecond);
    // A wrong one is no proof, and not the end.
    await ask(first, `verify ${bob.jid} ${ofFirst}`, /not what bob@example.test sees/);
    await ask(first, `verify ${bob.jid} ${ofSecond}`, /bob@example.test is verified/);
    await ask(second, `verify ${alice.jid} ${ofFirst}`, /alice@example.test is verified/);
    assert.match(await ask(first, `fingerprint ${bob.jid}`, /Fingerprint of bob/), /verified ·/);
    assert.match(await ask(second, 'contacts', /^alice@example.test$/m), /^ +verified ·/m);
  });

  it('answers in profanity', async () => {
    await using first = await Profanity.login(pair().login(0, alice));
    await first.say(contact, 'fingerprint');
    await first.see(/(\d{5}\s+){3}\d{5}/);
    await first.type('/roster');
    await first.see('SIMPP');
    await first.say(contact, 'devices');
    await first.hear(contact, 'this one');
  });

  it('has its commands for clients that show forms (XEP-0050)', async () => {
    await using client = await logInRaw(pair().login(0, alice));
    const commands = 'http://jabber.org/protocol/commands';
    client.write(
      `<iq type='get' to='${contact}' id='list'><query xmlns='http://jabber.org/protocol/disco#items' node='${commands}'/></iq>`,
    );
    const list = await client.hear(/<iq [^>]*id=['"]list['"][^]*<\/iq>/);
    for (const node of ['status', 'fingerprint', 'verify', 'policy', 'devices', 'outbox']) {
      assert.match(list, new RegExp(`node=['"]${node}['"]`));
    }
    client.write(
      `<iq type='set' to='${contact}' id='run'><command xmlns='${commands}' node='status' action='execute'/></iq>`,
    );
    const run = await client.hear(/<iq [^>]*id=['"]run['"][^]*<\/iq>/);
    assert.match(run, /status=['"]completed['"][^]*You are alice@example\.test/);
  });

  it('says nothing to the server', () => {
    assert.ok(!pair().atServer.captured('up').includes(contact));
  });
});
