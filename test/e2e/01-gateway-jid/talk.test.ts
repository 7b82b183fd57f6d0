// The main job: a client that knows nothing of SIMPP, pointed at 127.0.0.1 with
// its usual password, and nobody on the way to the server can read a word.
import assert from 'node:assert/strict';

import { overheard } from '../../../proxy/try/overheard.ts';
import { needs } from '../../run/needs.ts';
import { Profanity } from '../support/profanity.ts';
import { simppJson } from '../support/simpp.ts';
import { SlixmppClient, type SlixmppEvent } from '../support/slixmpp.ts';
import { alice, bob, domain, worldOfSuite } from '../support/world.ts';

describe('01 gateway, set-ups of accounts', function () {
  needs('prosody', 'slixmpp', 'profanity');
  this.timeout(60_000);
  const world = worldOfSuite({ setUp: [alice, bob] });

  it('lets slixmpp and profanity talk both ways, with roster, presence and ping', async () => {
    await using first = await SlixmppClient.login({ ...world().login(alice), mechanism: 'PLAIN', plainInClear: true });
    await using second = await Profanity.login(world().login(bob));

    first.say(bob.jid, 'the heron stands in the reeds');
    await second.hear(alice.jid, 'the heron stands in the reeds');
    await second.say(alice.jid, 'Käse für Zoë: żółw, 鷺, 🐢 & <b>');
    const heard = await first.hear('Käse für Zoë: żółw, 鷺, 🐢 & <b>');
    assert.deepEqual([heard.from, heard.to.split('/')[0], heard.type], [`${bob.jid}/profanity`, alice.jid, 'chat']);
    first.say(bob.jid, 'Привет, Боб — ¿qué tal?');
    await second.hear(alice.jid, 'Привет, Боб — ¿qué tal?');

    await second.type(`/sub request ${alice.jid}`);
    await first.events.take((event) => event['type'] === 'subscribe', 'the request to subscribe');
    await second.type(`/sub allow ${alice.jid}`);
    const isBobs = (event: SlixmppEvent): boolean =>
      event.event === 'presence' && event['from'] === `${bob.jid}/profanity`;
    const here = await first.events.take(isBobs, 'presence of bob');
    assert.equal(here['type'], 'available');
    first.command({ do: 'presence', show: 'away', status: 'catching fish' });
    await second.type('/win 1');
    await second.see(/alice@example\.test.*away.*catching fish/);
    first.command({ do: 'roster' });
    const { contacts } = (await first.event('roster')) as { contacts?: Record<string, string> };
    assert.equal(contacts?.[bob.jid], 'both');

    assert.ok((await first.ping()) >= 0);
    first.command({ do: 'ping', to: `${bob.jid}/profanity` });
    assert.ok(Number((await first.event('pong'))['seconds']) >= 0, 'profanity answers through both proxies');
  });

  it('shows an eavesdropper the domain and nothing else', () => {
    const { wire, speech } = world();
    const names = ['alice', 'bob@', 'profanity', 'PLAIN', 'SCRAM'];
    const words = ['heron', 'stands', 'reeds', 'Käse', 'żółw', '🐢', 'Привет', 'catching', 'fish'];
    const passwords = [alice.password];
    // The control: where it is said, the same search finds every one of them, the password in PLAIN's base64.
    const all = [...names, ...words, ...passwords];
    assert.deepEqual(overheard(speech.captured(), all), all);
    assert.deepEqual(overheard(wire.captured(), [...all, bob.password]), []);
    assert.deepEqual(overheard(wire.captured(), [domain]), [domain]);
    assert.ok(wire.captured().length > 10_000, 'the talk did pass on the wire');
  });

  it('registers at the first login and logs in by S1 at every later one, also after both have restarted', async () => {
    const { gateway, proxy, login } = world();
    const first = await simppJson(gateway.home, 'status');
    const { counters, connections } = first['gateway'] as { counters: Record<string, number>; connections: object };
    assert.deepEqual([counters['registrations'], counters['logins'], counters['guests']], [2, 0, 0]);
    assert.deepEqual(connections, { opening: 0, simpp: 0, spliced: 0 });

    await proxy.stop();
    await gateway.restart();
    await proxy.run();
    await using again = await SlixmppClient.login(login(alice));
    assert.ok((await again.ping()) >= 0);
    const later = await gateway.counters();
    assert.deepEqual([later['registrations'], later['logins'], later['guests']], [0, 1, 0]);
  });

  it('closes in order: client, proxy and server know that the stream is over', async () => {
    const { gateway, login } = world();
    await using client = await SlixmppClient.login(login(alice));
    await client.logout();
    assert.match(gateway.role.log, /"mode":"login"/);
    await using again = await SlixmppClient.login(login(alice));
    assert.ok((await again.ping()) >= 0);
  });
});
