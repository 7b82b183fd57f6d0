// Each part is killed while people talk through it: the others live on and serve
// the next login.
import assert from 'node:assert/strict';

import { needs } from '../../run/needs.ts';
import { eventually } from '../support/eventually.ts';
import { Profanity } from '../support/profanity.ts';
import { SlixmppClient } from '../support/slixmpp.ts';
import { alice, bob, carol, worldOfSuite } from '../support/world.ts';

describe('07 crashes', function () {
  needs('prosody', 'slixmpp', 'profanity');
  this.timeout(60_000);
  // Alice and bob have set-ups of their own, carol logs in by that of the domain.
  const world = worldOfSuite({ setUp: [alice, bob, 'domain'] });

  async function talking() {
    const { login } = world();
    const first = await SlixmppClient.login(login(alice));
    const second = await Profanity.login(login(bob));
    const third = await SlixmppClient.login(login(carol));
    first.say(carol.jid, 'are you there');
    await third.hear('are you there');
    return {
      first,
      second,
      third,
      [Symbol.asyncDispose]: async () => {
        for (const client of [first, second, third]) await client[Symbol.asyncDispose]();
      },
    };
  }

  /** The two whose logins end at the proxy have noticed nothing. */
  async function talkOn({ first, second }: Awaited<ReturnType<typeof talking>>): Promise<void> {
    first.say(bob.jid, 'as if nothing had happened');
    await second.hear(alice.jid, 'as if nothing had happened');
    assert.ok(!first.events.all.some(({ event }) => event === 'disconnected'));
  }

  async function works(): Promise<void> {
    const { login } = world();
    await using first = await SlixmppClient.login(login(alice));
    await using third = await SlixmppClient.login(login(carol));
    third.say(alice.jid, 'there you are again');
    await first.hear('there you are again');
  }

  it('of the server: proxy and gateway live on', async () => {
    const { prosody, gateway, proxy } = world();
    const pids = [gateway.role.pid, proxy.role.pid];
    await using people = await talking();
    await prosody.kill();
    await people.third.event('disconnected');
    // The others learn of it when the server is back and has forgotten them.
    await prosody.start();
    await people.first.event('disconnected');
    await people.second.see(/Lost connection/i);
    await works();
    assert.deepEqual([gateway.role.pid, proxy.role.pid], pids);
    await eventually('the end of all others', async () => (await gateway.connections()).simpp === 0);
  });

  it('of the gateway: the proxy lives on, the server loses nothing but the sessions', async () => {
    const { gateway, proxy } = world();
    const { pid } = proxy.role;
    await using people = await talking();
    await gateway.kill();
    await people.third.event('disconnected');
    await gateway.run();
    await talkOn(people);
    await works();
    assert.equal(proxy.role.pid, pid);
    const { serversLost = 0, resumed = 0 } = await proxy.counters();
    assert.ok(serversLost >= 1 && resumed >= 2);
  });

  it('of the proxy: the gateway lives on and lets the sessions go', async () => {
    const { gateway, proxy } = world();
    const { pid } = gateway.role;
    await using people = await talking();
    await proxy.kill();
    await people.first.event('disconnected');
    await people.second.see(/Lost connection/i);
    await eventually('the end of all channels', async () => (await gateway.connections()).simpp === 0);
    await proxy.run();
    await works();
    assert.equal(gateway.role.pid, pid);
  });

  it('of the wire between them: the same', async () => {
    const { wire, gateway } = world();
    await using people = await talking();
    wire.cut();
    await people.third.event('disconnected');
    await talkOn(people);
    await eventually('the end of the third channel', async () => (await gateway.connections()).simpp === 2);
    await works();
  });
});
