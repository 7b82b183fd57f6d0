// Somebody is away while the other one writes, and both machines lose their
// power: what was written is read, in order and once, and once more in the history.
import assert from 'node:assert/strict';

import { overheard } from '../../../proxy/try/overheard.ts';
import { needs } from '../../run/needs.ts';
import { pairOfSuite, type Way } from '../31-encrypted/pair.ts';
import { archivedResults, archiveText } from '../support/archive.ts';
import { eventually } from '../support/eventually.ts';
import { keepSecret } from '../support/evidence.ts';
import { heldByServer } from '../support/held-by-server.ts';
import { SlixmppClient } from '../support/slixmpp.ts';
import { untilFound } from '../support/virtual-contact.ts';
import { alice, bob } from '../support/world.ts';

const count = 100;
const words = 'die Amsel sitzt im Ginster';
const texts = Array.from({ length: count }, (_, index) => `${words} ${index}`);

for (const way of ['gateway', 'direct'] satisfies readonly Way[]) {
  describe(`33 encrypted, ${way}: somebody who is away`, function () {
    needs('prosody', 'slixmpp');
    this.timeout(60_000);
    const pair = pairOfSuite({ way });

    it('reads 100 messages in order, once, though both proxies were killed in between', async () => {
      const leaving = await SlixmppClient.login(pair().login(1, bob));
      const writer = await SlixmppClient.login(pair().login(0, alice));
      await untilFound(writer, bob.jid);
      await leaving.logout();
      keepSecret('body', words);
      for (const text of texts) writer.say(bob.jid, text);
      const sent = (): number => pair().atServer.captured('up').toString('latin1').split('urn:xmpp:eme:0').length - 1;
      await eventually('all of it on its way to the server', () => sent() >= count);
      await Promise.all(pair().proxies.map((proxy) => proxy.kill()));
      await writer[Symbol.asyncDispose]();
      await Promise.all(pair().proxies.map((proxy) => proxy.run()));

      await using reader = await SlixmppClient.login(pair().login(1, bob));
      await reader.events.take(({ body }) => body === texts.at(-1), 'the last of them', 30_000);
      await reader.ping();
      const heard = reader.events.all.filter(
        ({ event, body }) => event === 'message' && String(body).startsWith(words),
      );
      assert.deepEqual(
        heard.map(({ body }) => body),
        texts,
      );
    });

    for (const [machine, account, who] of [
      [1, bob, 'the reader'],
      [0, alice, 'the writer'],
    ] as const) {
      it(`finds them in the history, in order and once, from a second client of ${who}`, async () => {
        const results = archivedResults(await archiveText(pair().login(machine, account)));
        const bodies = results.map((result) => /<body[^>]*>([^<]*)<\/body>/.exec(result)?.[1]);
        assert.deepEqual(
          bodies.filter((body) => body?.startsWith(words)),
          texts,
        );
        assert.deepEqual(
          bodies.filter((body) => body !== undefined && !body.startsWith(words)),
          [],
        );
      });
    }

    it('goes on talking', async () => {
      await using reader = await SlixmppClient.login(pair().login(1, bob));
      await using writer = await SlixmppClient.login(pair().login(0, alice));
      reader.say(alice.jid, 'ich bin wieder da');
      await writer.hear('ich bin wieder da');
      writer.say(bob.jid, 'und ich auch');
      await reader.hear('und ich auch');
    });

    it('has nothing of it at the server', async () => {
      const held = await heldByServer(pair(), [alice, bob]);
      for (const place of ['files', 'archives', 'wire'] as const) {
        assert.deepEqual(overheard(held[place], [words, 'Amsel', 'wieder da']), [], place);
        assert.deepEqual(overheard(held[place], ['urn:simpp:e2e:2']), ['urn:simpp:e2e:2'], place);
      }
    });
  });
}
