// Several clients of one person behind one proxy: a device for others, however
// many they are. Each ciphertext is opened once and shown to all whom the server
// gives it (XEP-0280).
import assert from 'node:assert/strict';

import { overheard } from '../../../proxy/try/overheard.ts';
import { needs } from '../../run/needs.ts';
import { Profanity } from '../support/profanity.ts';
import { SlixmppClient, type SlixmppEvent } from '../support/slixmpp.ts';
import { untilFound } from '../support/virtual-contact.ts';
import { alice, bob } from '../support/world.ts';
import { pairOfSuite } from './pair.ts';

async function withCarbons(client: SlixmppClient): Promise<SlixmppClient> {
  client.command({ do: 'send', xml: `<iq type='set' id='carbons'><enable xmlns='urn:xmpp:carbons:2'/></iq>` });
  // In order: whatever comes behind the answer is copied.
  await client.ping();
  return client;
}

function carbon(client: SlixmppClient, kind: 'sent' | 'received', text: string): Promise<SlixmppEvent> {
  const isCarbon = new RegExp(`<${kind} [^>]*urn:xmpp:carbons:2[^]*<body[^>]*>${text}</body>`);
  return client.events.take(({ event, xml }) => event === 'stanza' && isCarbon.test(String(xml)), `the copy: ${text}`);
}

const times = (client: SlixmppClient, text: string): number =>
  client.events.all.filter(({ xml }) => String(xml).includes(text)).length;

describe('31 encrypted: several clients of one person', function () {
  needs('prosody', 'slixmpp', 'profanity');
  this.timeout(60_000);
  const pair = pairOfSuite({ way: 'gateway' });

  it('show what comes, and what each of them says, once', async () => {
    await using desk = await withCarbons(await SlixmppClient.login(pair().login(0, alice)));
    await using phone = await withCarbons(await SlixmppClient.login(pair().login(0, alice)));
    await using other = await SlixmppClient.login(pair().login(1, bob));
    await untilFound(desk, bob.jid);
    await untilFound(other, alice.jid);

    other.say(alice.jid, 'der Reiher für alle');
    await Promise.all([desk.hear('der Reiher für alle'), phone.hear('der Reiher für alle')]);

    desk.say(bob.jid, 'der Kranich vom Tisch');
    const { from } = await other.hear('der Kranich vom Tisch');
    await carbon(phone, 'sent', 'der Kranich vom Tisch');

    other.say(from, 'der Storch an den Tisch');
    await desk.hear('der Storch an den Tisch');
    await carbon(phone, 'received', 'der Storch an den Tisch');

    phone.say(bob.jid, 'die Möwe vom Telefon');
    await other.hear('die Möwe vom Telefon');
    await carbon(desk, 'sent', 'die Möwe vom Telefon');

    await Promise.all([desk.ping(), phone.ping()]);
    const counts = ['Reiher für', 'Kranich vom', 'Storch an', 'Möwe vom'].map((text) => [
      times(desk, text),
      times(phone, text),
    ]);
    assert.deepEqual(counts, [
      [1, 1],
      [0, 1],
      [1, 1],
      [1, 0],
    ]);
  });

  it('are profanity and slixmpp, too', async () => {
    await using profanity = await Profanity.login(pair().login(0, alice));
    await profanity.type('/carbons on');
    await profanity.see(/[Cc]arbons.*enabled/);
    await using desk = await withCarbons(await SlixmppClient.login(pair().login(0, alice)));
    await using other = await SlixmppClient.login(pair().login(1, bob));
    desk.say(bob.jid, 'der Dompfaff am Tisch');
    const { from } = await other.hear('der Dompfaff am Tisch');
    await profanity.hear(bob.jid, 'der Dompfaff am Tisch');
    other.say(from, 'der Zeisig zurück');
    await desk.hear('der Zeisig zurück');
    await profanity.see('der Zeisig zurück');
    await profanity.say(bob.jid, 'der Fink aus dem Terminal');
    await other.hear('der Fink aus dem Terminal');
    await carbon(desk, 'sent', 'der Fink aus dem Terminal');
  });

  it('say nothing that the server sees', () => {
    const words = ['Reiher', 'Kranich', 'Storch', 'Möwe', 'Dompfaff', 'Zeisig', 'Terminal'];
    assert.deepEqual(overheard(pair().atServer.captured(), words), []);
  });
});
