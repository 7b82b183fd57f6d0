// A server that sends its clients to another host is followed behind the
// client's back (RFC 6120 §4.9.3.19): at most three hops, and the certificate
// there is still one for the domain.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import { Prosody, type ProsodyOptions } from '../../../proxy/try/prosody.ts';
import { needs } from '../../run/needs.ts';
import { TestAuthority, type Certificate } from '../support/certs.ts';
import { ProxySide } from '../support/proxy-side.ts';
import { SlixmppClient } from '../support/slixmpp.ts';
import { forward } from './forward.ts';

const accounts = [{ name: 'alice', password: 'no-place-like-home' }];
const lua = await readFile(new URL('redirecting.lua', import.meta.url), 'utf8');

const domain = 'example.test';
const alice = { jid: `alice@${domain}`, password: 'no-place-like-home' };

type Mode = 'ended' | 'relayed';
type Tls = 'none' | 'starttls' | 'direct';
type StreamState = 'plaintext' | 'encrypted' | 'authenticated';

/** A Prosody that sends away streams in this state. */
function sendingAway(state: StreamState, target: string): ProsodyOptions {
  return { plugins: { test_redirecting: `local state, target = "${state}", "${target}";\n${lua}` } };
}

describe('12 server leg: a server that sends us elsewhere', function () {
  needs('prosody', 'slixmpp', 'openssl');
  this.timeout(60_000);
  const stack = new AsyncDisposableStack();
  let authority: TestAuthority;
  let certificate: Certificate;
  /** One with an account, one with the domain. */
  const proxies = new Map<Mode, ProxySide>();
  let proxy: ProxySide;
  /** Servers that send nobody away. */
  const homes = new Map<Tls, Prosody>();
  let servers: AsyncDisposableStack;

  before('opens a world', async () => {
    authority = stack.use(await TestAuthority.create());
    certificate = await authority.issue([domain]);
    for (const tls of ['none', 'starttls', 'direct'] as const) {
      homes.set(tls, stack.use(await Prosody.start({ domain, accounts, tls, certificate })));
    }
    for (const mode of ['ended', 'relayed'] as const) {
      proxies.set(mode, stack.use(await ProxySide.create()));
      await setUp(homes.get('none')!, 'none', mode);
      await proxy.run();
    }
  });
  after('ends the world', () => stack.disposeAsync());
  beforeEach(() => {
    servers = new AsyncDisposableStack();
  });
  afterEach(() => servers.disposeAsync());

  const portAt = (tls: Tls): number => homes.get(tls)!.port;

  async function serve(tls: Tls, options: ProsodyOptions): Promise<Prosody> {
    return servers.use(await Prosody.start({ domain, accounts, tls, certificate, ...options }));
  }

  /** Leads the proxy of this mode to this server; from now on it is the one that clients use. */
  async function setUp(server: Prosody, tls: Tls, mode: Mode = 'ended'): Promise<void> {
    proxy = proxies.get(mode)!;
    const trust = tls === 'none' ? [] : ['--server-ca', authority.caFile];
    const way = ['--direct', '--server', `127.0.0.1:${server.port}`, '--server-tls', tls, ...trust];
    if (mode === 'relayed') await proxy.setUpDomain(domain, ...way);
    else await proxy.setUpAccount(alice, ...way);
  }

  async function logsIn(): Promise<void> {
    await using client = await SlixmppClient.login(proxy.login(alice));
    client.say(client.jid, 'here at last');
    await client.hear('here at last');
  }

  async function isTold(text: RegExp): Promise<void> {
    await using client = SlixmppClient.connect(proxy.login(alice));
    const error = await client.event('stream-error');
    assert.notEqual(error['condition'], 'see-other-host');
    assert.match(String(error['text']), text);
  }

  const states = [
    ['plaintext', 'starttls'],
    ['encrypted', 'starttls'],
    ['encrypted', 'direct'],
    ['plaintext', 'none'],
  ] as const;
  for (const mode of ['ended', 'relayed'] as const) {
    for (const [state, tls] of mode === 'ended' ? [...states, ['authenticated', 'direct'] as const] : states) {
      it(`is followed where logins are ${mode}: ${state} stream, ${tls}`, async () => {
        await setUp(await serve(tls, sendingAway(state, `127.0.0.1:${portAt(tls)}`)), tls, mode);
        await logsIn();
      });
    }
  }

  it('is followed to an IPv6 address in brackets, and to a name', async () => {
    const six = servers.use(await forward('::1', homes.get('direct')!));
    await setUp(await serve('direct', sendingAway('encrypted', `[::1]:${six.port}`)), 'direct');
    await logsIn();
    await setUp(await serve('direct', sendingAway('encrypted', `localhost:${portAt('direct')}`)), 'direct');
    await logsIn();
  });

  it('is followed three times in a row, and no more', async () => {
    let server = homes.get('direct')!;
    for (let hop = 1; hop <= 3; hop++) {
      server = await serve('direct', sendingAway('encrypted', `127.0.0.1:${server.port}`));
      await setUp(server, 'direct');
      await logsIn();
    }
    await setUp(await serve('direct', sendingAway('encrypted', `127.0.0.1:${server.port}`)), 'direct');
    await isTold(/from one host to the next; after 3 of them/);
  });

  it('ends when a server sends to itself, before TLS too', async () => {
    await setUp(await serve('direct', sendingAway('encrypted', 'self')), 'direct');
    await isTold(/from one host to the next/);
    await setUp(await serve('starttls', sendingAway('plaintext', 'self')), 'starttls');
    await isTold(/from one host to the next/);
  });

  it('trusts nobody there but a server with a certificate for the domain', async () => {
    const stranger = await serve('direct', { certificate: await authority.issue(['stranger.test']) });
    await setUp(await serve('direct', sendingAway('encrypted', `127.0.0.1:${stranger.port}`)), 'direct');
    await isTold(/is not valid for example\.test: (it is for stranger\.test|the server has none for it)/);
  });

  it('never leaves this machine without TLS', async () => {
    await setUp(await serve('none', sendingAway('plaintext', '192.0.2.1:5222')), 'none');
    await isTold(/192\.0\.2\.1:5222 is not on this machine/);
  });

  it('ends the session when it says nowhere, in words, and is not shown to the client', async () => {
    for (const mode of ['ended', 'relayed'] as const) {
      await setUp(await serve('none', sendingAway('plaintext', 'not a host!')), 'none', mode);
      await isTold(/see-other-host/);
    }
  });

  it('never tells a client where to go: it would go there past the proxy', async () => {
    await setUp(await serve('none', sendingAway('authenticated', '127.0.0.1:1')), 'none', 'relayed');
    await isTold(/has sent this session to another host/);
  });
});
