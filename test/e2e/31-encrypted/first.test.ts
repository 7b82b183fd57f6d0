// The thinnest whole path: two people, two proxies, one server that cannot read.
import assert from 'node:assert/strict';

import { overheard } from '../../../proxy/try/overheard.ts';
import { needs } from '../../run/needs.ts';
import { SlixmppClient } from '../support/slixmpp.ts';
import { untilFound } from '../support/virtual-contact.ts';
import { alice, bob } from '../support/world.ts';
import { pairOfSuite, type Way } from './pair.ts';

for (const way of ['gateway', 'direct'] satisfies readonly Way[]) {
  describe(`31 encrypted, ${way}: two people`, function () {
    needs('prosody', 'slixmpp');
    this.timeout(60_000);
    const pair = pairOfSuite({ way });

    it('say things to each other that the server never sees', async () => {
      await using first = await SlixmppClient.login(pair().login(0, alice));
      await using second = await SlixmppClient.login(pair().login(1, bob));
      await pair().published(0, alice);
      await pair().published(1, bob);
      await untilFound(first, bob.jid);
      await untilFound(second, alice.jid);
      first.say(bob.jid, 'the heron stands in the reeds');
      const heard = await second.hear('the heron stands in the reeds');
      assert.equal(heard.from.split('/')[0], alice.jid);
      second.say(alice.jid, 'Käse für Zoë: żółw, 鷺, 🐢 & <b>');
      await first.hear('Käse für Zoë: żółw, 鷺, 🐢 & <b>');
      first.say(bob.jid, 'and a third one');
      await second.hear('and a third one');
      const words = ['heron', 'reeds', 'Käse', 'żółw', 'third one'];
      assert.deepEqual(overheard(pair().atServer.captured(), words), []);
      assert.deepEqual(overheard(pair().atServer.captured(), ['urn:simpp:e2e:2']), ['urn:simpp:e2e:2']);
    });
  });
}
