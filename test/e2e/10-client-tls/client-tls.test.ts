// Clients that refuse plaintext: each connects by STARTTLS or direct TLS with
// its checks as they are, and trusts nothing but the proxy's local authority.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { overheard } from '../../../proxy/try/overheard.ts';
import { WireTap } from '../../../proxy/try/wire-tap.ts';
import { needs } from '../../run/needs.ts';
import { TestAuthority } from '../support/certs.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { GoSendxmpp } from '../support/go-sendxmpp.ts';
import { Profanity } from '../support/profanity.ts';
import { loginAt, type Account, type Login } from '../support/proxy-side.ts';
import { header, RawClient } from '../support/raw-client.ts';
import { runSimpp, simppJson } from '../support/simpp.ts';
import { SlixmppClient } from '../support/slixmpp.ts';
import { alice, bob, carol, domain, worldOfSuite } from '../support/world.ts';

const host = '127.0.0.1';

describe('10 clients that refuse plaintext', function () {
  needs('prosody', 'slixmpp', 'profanity', 'go-sendxmpp', 'openssl');
  this.timeout(90_000);
  const stack = new AsyncDisposableStack();
  const ports = { starttls: 0, direct: 0 };
  // Alice's password is the proxy's to keep, those of the others nobody keeps.
  const world = worldOfSuite(async () => {
    ports.starttls = await freePort();
    ports.direct = await freePort();
    const listeners = ['--listen-starttls', `${host}:${ports.starttls}`, '--listen-tls', `${host}:${ports.direct}`];
    return { setUp: ['domain', alice], setUpFlags: listeners };
  });
  const taps = new Map<keyof typeof ports, WireTap>();
  let caFile: string;

  before('exports the authority', async () => {
    caFile = join(world().proxy.home.path, 'exported.pem');
    await simppJson(world().proxy.home, 'cert', 'export', '--out', caFile);
    for (const kind of ['starttls', 'direct'] as const) {
      taps.set(kind, stack.use(await WireTap.start({ host, port: ports[kind] })));
    }
  });
  after('ends the taps', () => stack.disposeAsync());

  /** A login by the tap on this listener. */
  const login = (account: Account, tls: keyof typeof ports): Login & { tls: typeof tls; caFile: string } => ({
    ...loginAt({ host, port: taps.get(tls)?.port ?? 0 }, account),
    tls,
    caFile,
  });

  for (const kind of ['starttls', 'direct'] as const) {
    it(`passes the strictest check of openssl: ${kind}`, async () => {
      const how = kind === 'starttls' ? ['-starttls', 'xmpp', '-xmpphost', domain] : ['-alpn', 'xmpp-client'];
      const name = ['-servername', domain, '-verify_hostname', domain];
      const strict = ['-x509_strict', '-verify_return_error', '-CAfile', caFile];
      const said = await sClient(['-connect', `${host}:${ports[kind]}`, ...how, ...name, ...strict]);
      assert.match(said, /Verify return code: 0 \(ok\)/);
      assert.match(said, /TLSv1\.3/);
      if (kind === 'direct') assert.match(said, /ALPN protocol: xmpp-client/);
    });

    it(`lets slixmpp and profanity talk both ways: ${kind}`, async () => {
      await using first = await SlixmppClient.login(login(alice, kind));
      const policy = kind === 'starttls' ? 'force' : 'legacy';
      await using second = await Profanity.login({ ...login(bob, kind), tlsPolicy: policy });
      first.say(bob.jid, 'the heron stands in the reeds');
      await second.hear(alice.jid, 'the heron stands in the reeds');
      await second.say(alice.jid, 'und der Fisch weiß es');
      assert.equal((await first.hear('und der Fisch weiß es')).from, `${bob.jid}/profanity`);
      assert.ok((await first.ping()) >= 0);
    });

    it(`lets go-sendxmpp send and receive: ${kind}`, async () => {
      await using friend = await SlixmppClient.login(login(alice, kind));
      const secure = {
        kind: kind === 'starttls' ? 'STARTTLS' : 'direct TLS',
        port: ports[kind],
        authority: await readFile(caFile, 'utf8'),
      } as const;
      await using script = await GoSendxmpp.login({ ...loginAt({ host, port: 0 }, carol), resource: 'script', secure });
      await script.say(alice.jid, 'the report is ready');
      assert.match((await friend.hear('the report is ready')).from, new RegExp(`^${carol.jid}/`));
      friend.say(carol.jid, 'read and filed');
      await script.hear(alice.jid, 'read and filed');
    });
  }

  it('enrols each account under the name that the server gave', async () => {
    const { gateway } = world();
    // On a busy machine an enrolment outlives the 2 s for which a login waits for it, and maybe a short session.
    await using second = await SlixmppClient.login(login(bob, 'starttls'));
    await using third = await SlixmppClient.login(login(carol, 'direct'));
    await eventually('three accounts', async () => {
      await using stolen = await gateway.copyDirectory();
      return (await stolen.store.countAccounts()) === 3;
    });
    await using stolen = await gateway.copyDirectory();
    for (const { jid } of [alice, bob, carol]) assert.equal((await stolen.store.devices(jid)).length, 1);
    assert.deepEqual([second.jid, third.jid], [bob.jid, carol.jid]);
  });

  it('shows whoever listens between client and proxy neither words nor names nor passwords', () => {
    const secrets = ['heron', 'reeds', 'Fisch', 'weiß', 'alice', 'bob@', bob.password, 'SCRAM'];
    for (const tap of taps.values()) {
      assert.ok(tap.captured().length > 2000);
      assert.deepEqual(overheard(tap.captured(), secrets), []);
    }
  });

  it('is refused by a client that trusts another authority, and the log says why', async () => {
    await using stranger = await TestAuthority.create();
    for (const kind of ['starttls', 'direct'] as const) {
      await using client = SlixmppClient.connect({ ...login(bob, kind), caFile: stranger.caFile });
      await eventually('the refusal in the log', () =>
        world().proxy.role.log.match(/"code":"certificate-invalid"[^\n]*does not trust the certificate/g),
      );
      assert.ok(!client.events.all.some(({ event }) => event === 'session'));
    }
    const said = await sClient(
      ['-connect', `${host}:${ports.direct}`, '-verify_return_error', '-CAfile', stranger.caFile],
      'fails',
    );
    assert.match(said, /unable to get local issuer certificate/);
  });

  it('ends a plaintext login on the STARTTLS listener with policy-violation, before a server hears of it', async () => {
    const { gateway } = world();
    const before = await gateway.counters();
    await using client = await RawClient.connect({ host, port: ports.starttls });
    client.write(header(domain));
    assert.doesNotMatch(await client.hear('</stream:features>'), /mechanism/);
    const plain = Buffer.from(`\0bob\0${bob.password}`).toString('base64');
    client.write(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${plain}</auth>`);
    assert.match(await client.untilClosed(), /<policy-violation [^]*STARTTLS[^]*<\/stream:stream>$/);
    assert.deepEqual(await gateway.counters(), before);
  });

  it('passes on that the server refused a password', async () => {
    await using wrong = SlixmppClient.connect({ ...login(carol, 'starttls'), password: 'guessed' });
    assert.equal((await wrong.event('sasl-failure'))['condition'], 'not-authorized');
  });

  it('has the same certificate after a restart, and another one for a domain that is added, whose clients know both', async () => {
    const { proxy, invite } = world();
    const trusting = async (servername: string): Promise<string> => {
      const ca = await readFile(join(proxy.home.path, 'ca.pem'));
      await using client = await RawClient.connectTls({ host, port: ports.direct }, { ca, servername });
      return client.serverFingerprint;
    };
    const before = await trusting(domain);
    await proxy.restart();
    assert.equal(await trusting(domain), before);
    assert.ok(invite.includes(domain));
    const added = await runSimpp(proxy.home, 'setup', 'added.test', '--direct', '--server', `${host}:1`);
    assert.equal(added.code, 0, added.stderr);
    assert.notEqual(await trusting('added.test'), before);
    assert.equal(await trusting(domain), before);
  });
});

/** What `openssl s_client` says about a connection that it ends at once. */
async function sClient(args: readonly string[], outcome: 'succeeds' | 'fails' = 'succeeds'): Promise<string> {
  const running = promisify(execFile)('openssl', ['s_client', ...args], { timeout: 20_000 });
  running.child.stdin?.end();
  const result = await running.catch((error: unknown) => {
    if (outcome === 'succeeds') throw error;
    return error as { stdout: string; stderr: string }; // as: what execFile rejects with
  });
  return result.stdout + result.stderr;
}
