// What may leave in clear, what may not, and what people are told (docs/protocol.md §11.1).
import assert from 'node:assert/strict';

import { overheard } from '../../../proxy/try/overheard.ts';
import { devicesNode } from '../../../proxy/endtoend/pep-items.ts';
import { needs } from '../../run/needs.ts';
import { pairOfSuite } from '../31-encrypted/pair.ts';
import { heldByServer } from '../support/held-by-server.ts';
import { loginAt, ProxySide } from '../support/proxy-side.ts';
import { logInRaw } from '../support/raw-session.ts';
import { simppJson } from '../support/simpp.ts';
import { SlixmppClient, type ReceivedMessage } from '../support/slixmpp.ts';
import { ask, untilFound } from '../support/virtual-contact.ts';
import { alice, bob, carol, mallory } from '../support/world.ts';

/** The error that comes back for a message. */
function bounced(client: SlixmppClient, id: string): Promise<ReceivedMessage> {
  return client.events.take(
    (event): event is ReceivedMessage => event.event === 'message' && event['type'] === 'error' && event['id'] === id,
    `the error for ${id}`,
  );
}

describe('34 encrypted: the policy', function () {
  needs('prosody', 'slixmpp');
  this.timeout(60_000);
  const pair = pairOfSuite({ way: 'direct' });

  it('prefer: somebody who has no keys gets plaintext', async () => {
    await using first = await SlixmppClient.login(pair().login(0, alice));
    await using other = await SlixmppClient.login(loginAt(pair().server, mallory));
    first.say(mallory.jid, 'the wren is in the open');
    await other.hear('the wren is in the open');
    assert.deepEqual(overheard(pair().atServer.captured(), ['the wren is in the open']), ['the wren is in the open']);
  });

  it('require: somebody who has no keys gets nothing until there are some, and it waits in the outbox', async () => {
    await using first = await SlixmppClient.login(pair().login(0, alice));
    await ask(first, `policy ${carol.jid} require`, /always encrypted/);
    first.say(carol.jid, 'the owl says nothing', { id: 'held-back' });
    const { xml } = await bounced(first, 'held-back');
    assert.match(xml, /<policy-violation/);
    assert.match(xml, /carol@example\.test has no encryption keys, and your policy requires encryption/);
    assert.match(await ask(first, 'outbox', /UTC to carol/), /the owl says nothing/);
    const listed = await simppJson(pair().proxies[0]!.home, 'outbox', 'list');
    assert.match(JSON.stringify(listed), /carol@example\.test.*the owl says nothing/);

    await using theirs = await ProxySide.create({ e2e: 'prefer' });
    await theirs.setUpAccount(carol, ...pair().flags);
    await theirs.run();
    await using other = await SlixmppClient.login(theirs.login(carol));
    await untilFound(first, carol.jid);
    await ask(first, 'resend all', /1 message went out/);
    await other.hear('the owl says nothing');
    await ask(first, 'outbox', /Nothing is unsent/);
    const held = await heldByServer(pair(), [alice, carol]);
    for (const place of ['files', 'archives', 'wire'] as const) {
      assert.deepEqual(overheard(held[place], ['the owl says nothing']), [], place);
    }
  });

  it('marks what comes in clear from somebody who has keys, and under require does not show it', async () => {
    await using first = await SlixmppClient.login(pair().login(0, alice));
    await using second = await SlixmppClient.login(pair().login(1, bob));
    await untilFound(first, bob.jid);
    await second.logout();
    await using careless = await SlixmppClient.login(loginAt(pair().server, bob));
    careless.say(alice.jid, 'a jay in clear');
    await first.hear('[unencrypted] a jay in clear');
    await ask(first, `policy ${bob.jid} require`, /always encrypted/);
    careless.say(alice.jid, 'a magpie in clear');
    const shown = await first.events.take(
      ({ event, from }) => event === 'message' && String(from).startsWith(bob.jid),
      'what stands for it',
    );
    assert.match(String(shown['body']), /did not show a message that came unencrypted/);
    await ask(first, `policy ${bob.jid} default`, /encrypted when they can/);
    assert.ok(first.events.all.every(({ xml }) => !String(xml).includes('magpie')));
  });

  it('never goes back to plaintext because keys have vanished: those that are known still count', async () => {
    await using first = await SlixmppClient.login(pair().login(0, alice));
    await untilFound(first, bob.jid);
    // Bob's own proxy would publish them anew.
    await pair().proxies[1]!.stop();
    {
      await using thief = await logInRaw(loginAt(pair().server, bob));
      const gone = `<delete node='${devicesNode}'/>`;
      thief.write(
        `<iq type='set' id='gone'><pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>${gone}</pubsub></iq>`,
      );
      const answer = await thief.hear(/<iq [^>]*id=['"]gone['"][^>]*>/);
      assert.match(/<iq [^>]*id=['"]gone['"][^>]*>/.exec(answer)?.[0] ?? '', /type=['"]result['"]/);
    }
    await ask(first, `fingerprint ${bob.jid}`, /^Fingerprint of bob/);
    first.say(bob.jid, 'the snipe is gone');
    await first.ping();
    await pair().proxies[1]!.run();
    await using second = await SlixmppClient.login(pair().login(1, bob));
    await second.hear('the snipe is gone');
    assert.deepEqual(overheard(pair().atServer.captured(), ['the snipe is gone']), []);
  });
});
