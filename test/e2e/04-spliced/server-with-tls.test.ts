// Clients that know nothing of SIMPP and come to the gateway directly: joined to
// a server that does TLS itself, so that all that TLS proves is the server's own
// (transparency.md §4).
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { overheard } from '../../../proxy/try/overheard.ts';
import { Prosody } from '../../../proxy/try/prosody.ts';
import { WireTap } from '../../../proxy/try/wire-tap.ts';
import { needs } from '../../run/needs.ts';
import { TestAuthority, type Certificate } from '../support/certs.ts';
import { GatewaySide } from '../support/gateway-side.ts';
import { Profanity } from '../support/profanity.ts';
import { loginAt, ProxySide } from '../support/proxy-side.ts';
import { header, RawClient } from '../support/raw-client.ts';
import { SlixmppClient } from '../support/slixmpp.ts';
import { alice, bob, carol, domain } from '../support/world.ts';

const accounts = [alice, bob, carol];

for (const tls of ['starttls-required', 'direct'] as const) {
  describe(`04 spliced, before a server with ${tls === 'direct' ? 'direct TLS' : 'STARTTLS'}`, function () {
    needs('prosody', 'slixmpp', 'profanity', 'openssl');
    this.timeout(60_000);
    const stack = new AsyncDisposableStack();
    let authority: TestAuthority;
    let certificate: Certificate;
    let gateway: GatewaySide;
    let tap: WireTap;
    let how: readonly string[];
    before('opens a world', async () => {
      authority = stack.use(await TestAuthority.create());
      certificate = await authority.issue([domain]);
      const server = stack.use(await Prosody.start({ domain, accounts, certificate, tls }));
      how = ['--server-tls', tls === 'direct' ? 'direct' : 'starttls', '--server-ca', authority.caFile];
      gateway = stack.use(await GatewaySide.start({ domain, server, flags: how }));
      tap = stack.use(await WireTap.start(gateway));
    });
    after('ends the world', () => stack.disposeAsync());

    it('lets slixmpp over STARTTLS, profanity and a SIMPP user talk, and none of them is readable', async () => {
      await using machine = await ProxySide.create();
      await machine.setUpAccount(carol, '--invite', gateway.invite);
      await machine.run();
      const trust = { tls: 'starttls', caFile: authority.caFile } as const;
      await using first = await SlixmppClient.login({ ...loginAt(tap, alice), ...trust });
      await using second = await Profanity.login({ ...loginAt(tap, bob), tlsPolicy: 'trust' });
      await using third = await SlixmppClient.login(machine.login(carol));
      first.say(bob.jid, 'the heron stands in the reeds');
      await second.hear(alice.jid, 'the heron stands in the reeds');
      await second.say(carol.jid, 'and the fish knows it');
      assert.equal((await third.hear('and the fish knows it')).from, `${bob.jid}/profanity`);
      third.say(alice.jid, 'as everybody does');
      await first.hear('as everybody does');
      assert.deepEqual(overheard(tap.captured(), ['heron', 'reeds', 'fish', 'alice', 'bob@', 'SCRAM']), []);
      const { spliced, terminated, registrations } = await gateway.counters();
      assert.deepEqual({ spliced, terminated, registrations }, { spliced: 2, terminated: 0, registrations: 1 });
    });

    it("shows the server's own certificate", async () => {
      const ca = await readFile(authority.caFile);
      const wanted = new X509Certificate(await readFile(certificate.certFile)).fingerprint256;
      await using client = await RawClient.connectStarttls(gateway, domain, { ca, servername: domain });
      assert.equal(client.serverFingerprint, wanted);
      if (tls !== 'direct') return;
      await using direct = await RawClient.connectTls(gateway, { ca, servername: domain });
      assert.equal(direct.serverFingerprint, wanted);
    });

    it('sends a client without TLS away, in words that it shows', async () => {
      await using client = await RawClient.connect(gateway);
      client.write(header(domain));
      await client.hear('</stream:features>');
      client.write(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGFsaWNlAHg=</auth>`);
      const answer = await client.untilClosed();
      assert.match(answer, /<policy-violation [^]*SIMPP only: connect through a SIMPP proxy[^]*<\/stream:stream>$/);
      await using profanity = await Profanity.connect(loginAt(gateway, alice));
      await profanity.see('Login failed.');
    });

    if (tls === 'direct') {
      it('joins a client that begins with TLS, from its first byte', async () => {
        const trust = { tls: 'direct', caFile: authority.caFile } as const;
        await using client = await SlixmppClient.login({ ...loginAt(gateway, alice), ...trust });
        assert.ok((await client.ping()) >= 0);
      });
    } else {
      it('has no port for TLS from the first byte before such a server: the connection ends', async () => {
        await assert.rejects(RawClient.connectTls(gateway, { servername: domain }), /ECONNRESET|disconnected/);
      });
    }

    it('refuses all of them where policy says so', async () => {
      await gateway.restartWith({ flags: [...how, '--plain-clients', 'refuse'] });
      await using client = await RawClient.connect(gateway);
      client.write(header(domain));
      const features = await client.hear('</stream:features>');
      assert.doesNotMatch(features, /starttls/);
      client.write(`<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`);
      assert.match(await client.untilClosed(), /SIMPP only: connect through a SIMPP proxy/);
      await assert.rejects(RawClient.connectTls(gateway, { servername: domain }), /ECONNRESET|disconnected/);
    });
  });
}
