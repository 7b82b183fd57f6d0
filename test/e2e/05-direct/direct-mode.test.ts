// Direct mode: no gateway, the proxy speaks TLS to the server itself and checks
// its certificate for the JID's domain, whatever host a person named.
import assert from 'node:assert/strict';

import { overheard } from '../../../proxy/try/overheard.ts';
import { Prosody, type ProsodyOptions } from '../../../proxy/try/prosody.ts';
import { WireTap } from '../../../proxy/try/wire-tap.ts';
import { needs } from '../../run/needs.ts';
import { TestAuthority } from '../support/certs.ts';
import { Profanity } from '../support/profanity.ts';
import { ProxySide, type Account } from '../support/proxy-side.ts';
import { runSimpp } from '../support/simpp.ts';
import { refusedProfanity } from '../support/refused-profanity.ts';
import { SlixmppClient } from '../support/slixmpp.ts';

const names = ['alice', 'bob', 'mallory'] as const;
const accounts = names.map((name) => ({ name, password: `${name}-has-a-secret` }));

function account(name: (typeof names)[number], domain: string): Account {
  return { jid: `${name}@${domain}`, password: `${name}-has-a-secret` };
}

/** Each way to a server, on a domain of its own; one proxy has them all. */
const ways = {
  'starttls.test': { tls: 'starttls-required', flag: 'starttls' },
  'direct.test': { tls: 'direct', flag: 'direct' },
  'plain.test': { tls: 'none', flag: 'none' },
} as const;

describe('05 direct mode', function () {
  needs('prosody', 'slixmpp', 'profanity', 'openssl');
  this.timeout(60_000);
  const stack = new AsyncDisposableStack();
  const taps = new Map<string, WireTap>();
  let authority: TestAuthority;
  let proxy: ProxySide;

  async function serve(domain: string, options: ProsodyOptions): Promise<WireTap> {
    const prosody = stack.use(await Prosody.start({ domain, accounts, ...options }));
    return stack.use(await WireTap.start(prosody));
  }

  before('opens a world', async () => {
    authority = stack.use(await TestAuthority.create());
    proxy = stack.use(await ProxySide.create());
    for (const [domain, { tls, flag }] of Object.entries(ways)) {
      const tap = await serve(domain, { tls, ...(tls !== 'none' && { certificate: await authority.issue([domain]) }) });
      taps.set(domain, tap);
      const trust = flag === 'none' ? [] : ['--server-ca', authority.caFile];
      const way = ['--direct', '--server', `${tap.host}:${tap.port}`, '--server-tls', flag, ...trust];
      await proxy.setUpDomain(domain, ...way);
      await proxy.setUpAccount(account('alice', domain), ...way);
    }
    await proxy.run();
  });
  after('ends the world', () => stack.disposeAsync());

  for (const [domain, { tls }] of Object.entries(ways)) {
    it(`lets the account of slixmpp and the domain of profanity talk: ${tls}`, async () => {
      const [alice, bob] = [account('alice', domain), account('bob', domain)];
      await using first = await SlixmppClient.login(proxy.login(alice));
      await using second = await Profanity.login(proxy.login(bob));
      first.say(bob.jid, 'the heron stands in the reeds');
      await second.hear(alice.jid, 'the heron stands in the reeds');
      await second.say(alice.jid, 'aber der Käfer flöge');
      assert.equal((await first.hear('aber der Käfer flöge')).from, `${bob.jid}/profanity`);
      assert.ok((await first.ping()) >= 0);
      const words = ['heron', 'reeds', 'Käfer', 'alice', 'bob@'];
      const readable = overheard(taps.get(domain)?.captured() ?? Buffer.alloc(0), words);
      assert.deepEqual(readable, tls === 'none' ? words : []);
    });
  }

  it('ends the login of the account and relays that of the domain', async () => {
    const { logins, sessions, sessionsTakenOver } = await proxy.counters();
    assert.deepEqual({ logins, sessions, sessionsTakenOver }, { logins: 3, sessions: 6, sessionsTakenOver: 3 });
  });

  it('refuses a certificate that is for another name, expired, or of an unknown authority', async () => {
    await using stranger = await TestAuthority.create();
    const direct = taps.get('direct.test');
    const expired = await serve('expired.test', {
      tls: 'direct',
      certificate: await authority.issue(['expired.test'], { expired: true }),
    });
    const wrong = await serve('wrong.test', { tls: 'direct', certificate: await authority.issue(['right.test']) });
    const cases = [
      { domain: 'other.test', tap: direct, ca: authority.caFile, reason: /the server has none for it/ },
      { domain: 'wrong.test', tap: wrong, ca: authority.caFile, reason: /it is for right\.test/ },
      { domain: 'expired.test', tap: expired, ca: authority.caFile, reason: /it has expired/ },
      { domain: 'direct.test', tap: direct, ca: stranger.caFile, reason: /authority that signed it is not trusted/ },
    ];
    for (const { domain, tap, ca, reason } of cases) {
      const mallory = account('mallory', domain);
      const server = ['--server', `127.0.0.1:${tap?.port}`, '--server-tls', 'direct', '--server-ca', ca];
      await proxy.setUpAccount(mallory, '--direct', ...server);
      const before = tap?.captured('up').length;
      await using client = SlixmppClient.connect(proxy.login(mallory));
      const error = await client.event('stream-error');
      assert.equal(error['condition'], 'remote-connection-failed', String(error['text']));
      assert.match(String(error['text']), new RegExp(`is not valid for ${domain.replace('.', '\\.')}`));
      assert.match(String(error['text']), reason);
      assert.match(await refusedProfanity(proxy.login(mallory)), reason);
      const said = tap?.captured('up').subarray(before).toString('latin1') ?? '';
      assert.doesNotMatch(said, /mallory|<auth|stream:stream/);
    }
  });

  it('refuses a server that should have STARTTLS and offers none: nothing but the header is said', async () => {
    const plain = taps.get('plain.test');
    const mallory = account('mallory', 'plain.test');
    await proxy.setUpAccount(mallory, '--direct', '--server', `127.0.0.1:${plain?.port}`);
    const before = plain?.captured('up').length;
    await using client = SlixmppClient.connect(proxy.login(mallory));
    const error = await client.event('stream-error');
    assert.match(String(error['text']), /does not offer TLS/);
    const said = plain?.captured('up').subarray(before).toString('latin1') ?? '';
    assert.doesNotMatch(said, /mallory|<auth/);
  });

  it('never goes without TLS to another machine', async () => {
    const inClear = ['--direct', '--server', '192.0.2.1:5222', '--server-tls', 'none'];
    const { code, stderr } = await runSimpp(proxy.home, 'setup', 'far.test', ...inClear);
    assert.notEqual(code, 0);
    assert.match(stderr, /loopback|this machine/);
  });
});
