// C1 to C7 as published, message for message, in the running system: it works,
// and the server does not read it. What it does not hold against is in test/attacks.
import assert from 'node:assert/strict';

import { overheard } from '../../../proxy/try/overheard.ts';
import { needs } from '../../run/needs.ts';
import { SlixmppClient, type ReceivedMessage, type SlixmppEvent } from '../support/slixmpp.ts';
import { alice, bob, carol } from '../support/world.ts';
import { classicPairOfSuite } from './pair.ts';

for (const curve of [undefined, 'secp160r1'] as const) {
  describe(`36 classic encrypted, ${curve ?? 'P-224'}: two people`, function () {
    needs('prosody', 'slixmpp');
    this.timeout(60_000);
    const pair = classicPairOfSuite('require', curve);

    const refusalAt = async (client: SlixmppClient): Promise<string> => {
      const isError = (event: SlixmppEvent): event is ReceivedMessage =>
        event.event === 'message' && event['type'] === 'error';
      return (await client.events.take(isError, `an error at ${client.jid}`)).xml;
    };

    it('get an error, and nothing leaves, where the other one has no key', async () => {
      await using first = await SlixmppClient.login(pair().login(alice));
      first.say(carol.jid, 'not for anybody between us');
      assert.match(await refusalAt(first), /carol@example.test has no key at the gateway/);
      assert.deepEqual(overheard(pair().atServer.captured(), ['not for anybody']), []);
    });

    it('get an error, and nothing leaves, where the other one is away', async () => {
      const second = await SlixmppClient.login(pair().login(bob));
      await second.logout();
      await using first = await SlixmppClient.login(pair().login(alice));
      first.say(bob.jid, 'nobody is there to hear this');
      assert.match(await refusalAt(first), /bob@example.test did not answer/);
      assert.deepEqual(overheard(pair().atServer.captured(), ['nobody is there']), []);
    });

    it('say things to each other that the server never sees', async () => {
      await using first = await SlixmppClient.login(pair().login(alice));
      await using second = await SlixmppClient.login(pair().login(bob));
      first.say(bob.jid, 'the heron stands in the reeds');
      const heard = await second.hear('the heron stands in the reeds');
      assert.equal(heard.from.split('/')[0], alice.jid);
      second.say(alice.jid, 'Käse für Zoë: żółw, 鷺, 🐢 & <b>');
      await first.hear('Käse für Zoë: żółw, 鷺, 🐢 & <b>');
      first.say(bob.jid, 'and a third one');
      await second.hear('and a third one');
      const captured = pair().atServer.captured();
      assert.deepEqual(overheard(captured, ['heron', 'reeds', 'Käse', 'żółw', 'third one']), []);
      assert.deepEqual(overheard(captured, ['urn:simpp:e2e:classic']), ['urn:simpp:e2e:classic']);
    });

    it('begin at once, and one conversation comes of it', async () => {
      await using first = await SlixmppClient.login(pair().login(alice));
      await using second = await SlixmppClient.login(pair().login(bob));
      first.say(bob.jid, 'both of us begin, says alice');
      second.say(alice.jid, 'both of us begin, says bob');
      await second.hear('both of us begin, says alice');
      await first.hear('both of us begin, says bob');
    });

    it('go on when one of them comes back, with a new K_AB', async () => {
      await using first = await SlixmppClient.login(pair().login(alice));
      {
        await using second = await SlixmppClient.login(pair().login(bob));
        first.say(bob.jid, 'before the gap');
        await second.hear('before the gap');
      }
      await using back = await SlixmppClient.login(pair().login(bob));
      back.say(alice.jid, 'back again');
      await first.hear('back again');
      first.say(bob.jid, 'welcome back');
      await back.hear('welcome back');
    });

    it('are told what could not be read, and agree anew', async () => {
      await using first = await SlixmppClient.login(pair().login(alice));
      {
        await using second = await SlixmppClient.login(pair().login(bob));
        first.say(bob.jid, 'while K_AB lives');
        await second.hear('while K_AB lives');
      }
      await pair().proxies[1].restart();
      await using back = await SlixmppClient.login(pair().login(bob));
      first.say(bob.jid, 'sealed under what bob has forgotten');
      const lost = await back.event('message');
      assert.match(String(lost['body']), /^SIMPP cannot read this message: its conversation is over/);
      back.say(alice.jid, 'say it again');
      await first.hear('say it again');
      first.say(bob.jid, 'said again');
      await back.hear('said again');
    });
  });
}
