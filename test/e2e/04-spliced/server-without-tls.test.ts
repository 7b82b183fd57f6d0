// Clients that know nothing of SIMPP, before a server without TLS: it ends at the
// gateway, with the gateway's own certificate, and whoever has a SIMPP device may
// not come that way, or a stolen password alone would do (docs/protocol.md §6).
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
import { refusedProfanity } from '../support/refused-profanity.ts';
import { SlixmppClient } from '../support/slixmpp.ts';
import { alice, bob, carol, domain } from '../support/world.ts';

describe('04 spliced, before a server without TLS', function () {
  needs('prosody', 'slixmpp', 'profanity', 'openssl');
  this.timeout(60_000);
  const stack = new AsyncDisposableStack();
  let authority: TestAuthority;
  let certificate: Certificate;
  let gateway: GatewaySide;
  let tap: WireTap;
  let own: readonly string[];
  before('opens a world', async () => {
    authority = stack.use(await TestAuthority.create());
    certificate = await authority.issue([domain]);
    const server = stack.use(await Prosody.start({ domain, accounts: [alice, bob, carol] }));
    own = ['--server-tls', 'none', '--tls-cert', certificate.certFile, '--tls-key', certificate.keyFile];
    gateway = stack.use(await GatewaySide.start({ domain, server, flags: own }));
    tap = stack.use(await WireTap.start(gateway));
  });
  after('ends the world', () => stack.disposeAsync());

  it('lets slixmpp and profanity talk over TLS with the certificate of the gateway', async () => {
    const trust = { tls: 'starttls', caFile: authority.caFile } as const;
    await using first = await SlixmppClient.login({ ...loginAt(tap, alice), ...trust });
    await using second = await Profanity.login({ ...loginAt(tap, bob), tlsPolicy: 'trust' });
    first.say(bob.jid, 'the heron stands in the reeds');
    await second.hear(alice.jid, 'the heron stands in the reeds');
    await second.say(alice.jid, 'and the fish knows it');
    await first.hear('and the fish knows it');
    assert.deepEqual(overheard(tap.captured(), ['heron', 'reeds', 'fish', 'alice', 'bob@', 'SCRAM']), []);
    const { spliced, terminated } = await gateway.counters();
    assert.deepEqual({ spliced, terminated }, { spliced: 0, terminated: 2 });

    const ca = await readFile(authority.caFile);
    await using looking = await RawClient.connectTls(gateway, { ca, servername: domain });
    assert.equal(looking.serverFingerprint, new X509Certificate(await readFile(certificate.certFile)).fingerprint256);
  });

  it('takes TLS from the first byte too', async () => {
    const trust = { tls: 'direct', caFile: authority.caFile } as const;
    await using client = await SlixmppClient.login({ ...loginAt(tap, alice), ...trust });
    assert.ok((await client.ping()) >= 0);
  });

  it('refuses whoever has a SIMPP registration, in words that clients show, unless policy allows it', async () => {
    await using machine = await ProxySide.create();
    await machine.setUpAccount(carol, '--invite', gateway.invite);
    await machine.run();
    {
      await using client = await SlixmppClient.login(machine.login(carol));
      assert.ok((await client.ping()) >= 0);
    }
    const over = { ...loginAt(tap, carol), tls: 'starttls', caFile: authority.caFile } as const;
    {
      await using client = SlixmppClient.connect(over);
      const error = await client.event('stream-error');
      assert.equal(error['condition'], 'policy-violation');
      assert.match(String(error['text']), /This account uses SIMPP: log in through a SIMPP proxy/);
      assert.equal(
        client.events.all.some(({ event }) => event === 'session'),
        false,
      );
      const told = await refusedProfanity({ ...loginAt(tap, carol), tlsPolicy: 'trust' });
      assert.match(told, /This account uses SIMPP: log in through a SIMPP proxy/);
    }
    await gateway.restartWith({ flags: [...own, '--registered-over-tls', 'allow'] });
    await using client = await SlixmppClient.login(over);
    assert.ok((await client.ping()) >= 0);
  });

  it('needs a certificate for all this: without one a client without SIMPP is told so', async () => {
    await gateway.restartWith({ flags: ['--server-tls', 'none'] });
    await using client = await RawClient.connect(gateway);
    client.write(header(domain));
    assert.doesNotMatch(await client.hear('</stream:features>'), /starttls/);
    client.write(`<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`);
    assert.match(await client.untilClosed(), /SIMPP only: connect through a SIMPP proxy/);
  });
});
