// HAProxy before the gateway and ejabberd behind it: whoever a connection
// belongs to is known at the gateway and at the server, and nobody can claim
// to be somebody else.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import { needs } from '../../run/needs.ts';
import { TestAuthority } from '../support/certs.ts';
import type { Ejabberd } from '../support/ejabberd.ts';
import { eventually } from '../support/eventually.ts';
import { GatewaySide } from '../support/gateway-side.ts';
import { ProxySide } from '../support/proxy-side.ts';
import { header, RawClient } from '../support/raw-client.ts';
import { SlixmppClient } from '../support/slixmpp.ts';
import { alice, bob, domain, inviteVia } from '../support/world.ts';
import { startEjabberd } from './configured-server.ts';
import { fromAddress } from './from-address.ts';
import { HaProxy } from './haproxy.ts';
import { firstLinesOf } from './page.ts';

/** The client's machine. */
const elsewhere = '127.0.0.2';

describe('11 gateway edge: a balancer before it, a server that wants to know', function () {
  needs('ejabberd', 'haproxy', 'slixmpp', 'openssl');
  this.timeout(60_000);
  const stack = new AsyncDisposableStack();
  let server: Ejabberd;
  let gateway: GatewaySide;
  before('starts ejabberd and the gateway', async () => {
    const lines = await firstLinesOf('ejabberd.md', 'The addresses of clients', 'yaml');
    server = stack.use(await startEjabberd(lines, 15222, { domain, accounts: [alice, bob] }));
    const flags = ['--server-proxy-protocol', 'v2', '--accept-proxy-protocol', HaProxy.source];
    gateway = stack.use(await GatewaySide.start({ domain, server, flags }));
  });
  after('ends the world', () => stack.disposeAsync());

  const loggedIn = (who: typeof alice): RegExp =>
    new RegExp(
      `Accepted c2s .* authentication for ${who.jid} by .* backend from ${elsewhere.replaceAll('.', '\\.')}$`,
      'm',
    );

  for (const [send, person, toServer] of [
    ['send-proxy-v2', alice, 'v2'],
    ['send-proxy', bob, 'v1'],
  ] as const) {
    it(`passes the address of a SIMPP user on from ${send} to ejabberd by ${toServer}`, async () => {
      const accept = ['--accept-proxy-protocol', HaProxy.source];
      await gateway.restartWith({ flags: ['--server-proxy-protocol', toServer, ...accept] });
      await using haproxy = await HaProxy.start(gateway, send);
      await using way = await fromAddress(elsewhere, haproxy);
      await using machine = await ProxySide.create();
      await machine.setUpAccount(person, '--invite', inviteVia(way, gateway));
      await machine.run();
      await using client = await SlixmppClient.login(machine.login(person));
      client.say(person.jid, 'a note to myself');
      await client.hear('a note to myself');
      await eventually(`${elsewhere} in ejabberd's log`, () => loggedIn(person).test(server.log));
      assert.match(
        gateway.role.log,
        new RegExp(`"peer":"127\\.0\\.0\\.2:\\d+","jid":"${person.jid}".*"event":"login"`),
      );
      assert.equal((await gateway.counters())['proxyHeadersRefused'], 0);
    });
  }

  it('takes nobody from the balancer whose address it does not say', async () => {
    await using haproxy = await HaProxy.start(gateway, '');
    await using client = await RawClient.connect(haproxy);
    client.write(header(domain));
    assert.equal(await client.untilClosed(), '');
    assert.match(gateway.role.log, /"peer":"127\.0\.0\.3:\d+",.*"event":"proxy header refused"/);
  });

  it('believes nobody else who says an address', async () => {
    await using client = await RawClient.connect(gateway);
    client.write(`PROXY TCP4 203.0.113.9 203.0.113.1 1000 5222\r\n${header(domain)}`);
    assert.equal(await client.untilClosed(), '');
    assert.doesNotMatch(gateway.role.log, /203\.0\.113\.9/);
    assert.match(gateway.role.log, /accept_proxy_protocol does not name/);
  });
});

describe('11 gateway edge: a balancer before a gateway that splices', function () {
  needs('ejabberd', 'haproxy', 'slixmpp', 'openssl');
  this.timeout(60_000);

  it('passes the address of a client without SIMPP on, ahead of its TLS with ejabberd', async () => {
    await using authority = await TestAuthority.create();
    const certificate = await authority.issue([domain]);
    const lines = await firstLinesOf('ejabberd.md', 'The addresses of clients', 'yaml');
    const withTls = `${lines.trimEnd()}\n    starttls_required: true\n`;
    const tls = 'starttls-required';
    await using server = await startEjabberd(withTls, 15222, { domain, accounts: [alice], certificate, tls });
    const way = ['--server-tls', 'starttls', '--server-ca', authority.caFile, '--server-proxy-protocol', 'v2'];
    const flags = [...way, '--accept-proxy-protocol', HaProxy.source];
    await using gateway = await GatewaySide.start({ domain, server, flags });
    await using haproxy = await HaProxy.start(gateway, 'send-proxy-v2');
    await using place = await fromAddress(elsewhere, haproxy);
    const { jid, password } = alice;
    const trust = { tls: 'starttls', caFile: authority.caFile } as const;
    await using client = await SlixmppClient.login({ host: place.host, port: place.port, jid, password, ...trust });
    assert.ok((await client.ping()) >= 0);
    await eventually(`${elsewhere} in ejabberd's log`, () =>
      /authentication for alice@.* from 127\.0\.0\.2/.test(server.log),
    );
    assert.match(gateway.role.log, /"peer":"127\.0\.0\.2:\d+","mode":"spliced","event":"spliced"/);
    // The other way into the same server: a SIMPP channel, TLS behind it.
    await using raw = await RawClient.connectStarttls(place, domain, {
      ca: await readFile(authority.caFile),
      servername: domain,
    });
    raw.write(header(domain));
    await raw.hear('</stream:features>');
  });
});
