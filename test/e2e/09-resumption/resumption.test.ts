// What is between a proxy and its server goes away and comes back, and the
// people at their clients do not notice: a client that does not know stream
// management and one that does, through a gateway and directly over TLS.
import assert from 'node:assert/strict';

import { Prosody } from '../../../proxy/try/prosody.ts';
import { WireTap } from '../../../proxy/try/wire-tap.ts';
import { needs } from '../../run/needs.ts';
import { TestAuthority } from '../support/certs.ts';
import { eventually } from '../support/eventually.ts';
import { GatewaySide } from '../support/gateway-side.ts';
import { ManagedClient } from '../support/managed-client.ts';
import { ProxySide } from '../support/proxy-side.ts';
import { SlixmppClient } from '../support/slixmpp.ts';
import { alice, bob, carol, domain, inviteVia } from '../support/world.ts';
import { XmppJsClient } from '../support/xmppjs.ts';

const ways = ['gateway', 'direct'] as const;

for (const way of ways) {
  describe(`09 resumption, ${way}`, function () {
    needs('prosody', 'slixmpp', 'openssl');
    this.timeout(90_000);
    const stack = new AsyncDisposableStack();
    let prosody: Prosody;
    let gateway: GatewaySide | undefined;
    let wire: WireTap;
    let proxy: ProxySide;

    before('opens a world', async () => {
      const authority = stack.use(await TestAuthority.create());
      const tls = { tls: 'starttls-required', certificate: await authority.issue([domain]) } as const;
      const accounts = [alice, bob, carol];
      prosody = stack.use(await Prosody.start({ domain, accounts, ...(way === 'direct' && tls) }));
      if (way === 'gateway') gateway = stack.use(await GatewaySide.start({ domain, server: prosody }));
      wire = stack.use(await WireTap.start(gateway ?? prosody));
      const direct = ['--direct', '--server', `${wire.host}:${wire.port}`, '--server-ca', authority.caFile];
      const flags = gateway === undefined ? direct : ['--invite', inviteVia(wire, gateway)];
      proxy = stack.use(await ProxySide.create());
      for (const person of [alice, bob, carol]) await proxy.setUpAccount(person, ...flags);
      await proxy.run();
    });
    after('ends the world', () => stack.disposeAsync());

    const counter = async (name: string): Promise<number> => (await proxy.counters())[name] ?? 0;

    it('lets people talk on while the wire is cut again and again', async () => {
      await using a = await SlixmppClient.login(proxy.login(alice));
      await using b = await XmppJsClient.login(proxy.login(bob));
      const before = await counter('resumed');
      const [rounds, burst] = [4, 6];
      for (let round = 0; round < rounds; round++) {
        for (let i = 0; i < burst; i++) {
          a.say(b.address, `from alice ${round} ${i}`);
          await b.say(alice.jid, `from bob ${round} ${i}`);
          if (i === 2) wire.cut();
        }
        await a.hear(`from bob ${round} ${burst - 1}`);
        await b.hear(`from alice ${round} ${burst - 1}`);
      }
      const said = Array.from({ length: rounds * burst }, (_, i) => `${Math.floor(i / burst)} ${i % burst}`);
      const heardByAlice = a.events.all
        .filter(({ event }) => event === 'message')
        .map((event) => String(event['body']));
      const heardByBob = b.stanzas.all.map((stanza) => stanza.getChildText('body')).filter((body) => body !== null);
      assert.deepEqual(
        heardByAlice,
        said.map((text) => `from bob ${text}`),
      );
      assert.deepEqual(
        heardByBob,
        said.map((text) => `from alice ${text}`),
      );
      assert(!a.events.all.some(({ event }) => event === 'disconnected' || event === 'stream-error'));
      assert((await counter('resumed')) - before >= rounds, 'each of both was resumed');
      assert.equal(await counter('resumptionsFailed'), 0);
    });

    if (way === 'gateway') {
      it('lets people talk on while the gateway is killed and started again', async () => {
        await using a = await SlixmppClient.login(proxy.login(alice));
        await using c = await SlixmppClient.login(proxy.login(carol));
        await gateway?.kill();
        a.say(carol.jid, 'into the dark');
        c.say(alice.jid, 'out of the dark');
        await gateway?.run();
        await Promise.all([a.hear('out of the dark'), c.hear('into the dark')]);
        for (const client of [a, c]) {
          assert.equal(client.events.all.filter(({ event }) => event === 'message').length, 1);
          assert(!client.events.all.some(({ event }) => event === 'disconnected'));
        }
      });
    }

    it('returns what a killed server never had, says why the stream ends, and lets the client come back', async () => {
      const failed = await counter('resumptionsFailed');
      await using a = await SlixmppClient.login(proxy.login(alice));
      await prosody.kill();
      a.say(bob.jid, 'too late', { id: 'too-late' });
      await prosody.start();
      const returned = await a.events.take(({ event, id }) => event === 'message' && id === 'too-late', 'the error');
      assert.match(String(returned['xml']), /type="error".*recipient-unavailable/s);
      const error = await a.event('stream-error');
      assert.equal(error['condition'], 'remote-connection-failed');
      assert.match(String(error['text']), /connection to the server was lost/);
      assert.equal(await counter('resumptionsFailed'), failed + 1);
      await using again = await SlixmppClient.login(proxy.login(alice));
      assert((await again.ping()) >= 0);
    });

    it('lets a client that manages its stream resume it though the proxy itself was killed', async () => {
      await using a = await ManagedClient.login(proxy.login(alice));
      await using b = await ManagedClient.login(proxy.login(bob));
      const ids = Array.from({ length: 30 }, (_, index) => `managed-${index}`);
      for (const [index, id] of ids.entries()) {
        a.send(bob.jid, id);
        if (index !== 15) continue;
        await proxy.kill();
        await proxy.run();
      }
      await eventually('all is acknowledged', () => a.unacknowledged === 0, 30_000);
      await eventually('all has arrived', () => b.received.length >= ids.length, 30_000);
      assert.deepEqual(b.received, ids);
      assert(a.counts.resumed > 0 && b.counts.resumed > 0);
      assert.deepEqual([...a.faults, ...b.faults], []);
    });
  });
}
