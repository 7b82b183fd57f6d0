// The proxy's own logins are bound to the TLS channel wherever the server can
// do it (RFC 5802 §6, RFC 9266, RFC 5929): then somebody with a certificate for
// the domain, from a trusted authority, can end TLS but gets no login.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import { Prosody, type ProsodyOptions } from '../../../proxy/try/prosody.ts';
import { needs } from '../../run/needs.ts';
import { TestAuthority } from '../support/certs.ts';
import { Ejabberd } from '../support/ejabberd.ts';
import { eventually } from '../support/eventually.ts';
import { ProxySide } from '../support/proxy-side.ts';
import { SlixmppClient } from '../support/slixmpp.ts';
import { manInTheMiddle } from './man-in-the-middle.ts';

const password = 'the-moon-is-a-balloon';
const accounts = [{ name: 'alice', password }];
const lua = await readFile(new URL('channel-bindings.lua', import.meta.url), 'utf8');

/** A Prosody that binds by these types. */
function binding(...types: readonly string[]): ProsodyOptions {
  const list = types.map((type) => `"${type}"`).join(', ');
  return { plugins: { test_bindings: `local types = { ${list} };\n${lua}` } };
}

/** Server, how TLS begins, its version, and with what the proxy then logs in. */
const matrix = [
  // Prosody 0.12 binds only over TLS 1.2, where the default is tls-unique.
  ['Prosody', 'starttls', 'TLS 1.3', 'SCRAM-SHA-1', undefined],
  ['Prosody', 'direct', 'TLS 1.3', 'SCRAM-SHA-1', undefined],
  ['Prosody', 'starttls', 'TLS 1.2', 'SCRAM-SHA-1-PLUS', 'tls-unique'],
  ['Prosody', 'direct', 'TLS 1.2', 'SCRAM-SHA-1-PLUS', 'tls-unique'],
  // ejabberd 23.01 does so over either.
  ['ejabberd', 'starttls', 'TLS 1.3', 'SCRAM-SHA-1-PLUS', 'tls-unique'],
  ['ejabberd', 'direct', 'TLS 1.3', 'SCRAM-SHA-1-PLUS', 'tls-unique'],
  ['ejabberd', 'starttls', 'TLS 1.2', 'SCRAM-SHA-1-PLUS', 'tls-unique'],
  ['ejabberd', 'direct', 'TLS 1.2', 'SCRAM-SHA-1-PLUS', 'tls-unique'],
] as const;

/** What a Prosody with XEP-0440 lists, over which TLS, and what the proxy then takes. */
const listed = [
  [['tls-server-end-point', 'tls-exporter'], 'TLS 1.3', 'tls-exporter'],
  [['tls-server-end-point'], 'TLS 1.3', 'tls-server-end-point'],
  [['tls-server-end-point', 'tls-exporter'], 'TLS 1.2', 'tls-server-end-point'],
] as const;

describe('12 server leg: channel binding', function () {
  needs('prosody', 'ejabberd', 'slixmpp', 'openssl');
  this.timeout(60_000);
  const stack = new AsyncDisposableStack();
  let authority: TestAuthority;
  let proxy: ProxySide;
  let count = 0;

  before('starts a proxy', async () => {
    authority = stack.use(await TestAuthority.create());
    proxy = stack.use(await ProxySide.create());
    await proxy.setUpDomain('nobody.test', '--direct', '--server', '127.0.0.1:1', '--server-tls', 'direct');
    await proxy.run();
  });
  after('ends the proxy', () => stack.disposeAsync());

  const newDomain = (): string => `d${++count}.test`;

  async function setUp(domain: string, port: number, tls: string): Promise<string> {
    const jid = `alice@${domain}`;
    const way = ['--server', `127.0.0.1:${port}`, '--server-tls', tls, '--server-ca', authority.caFile];
    await proxy.setUpAccount({ jid, password }, '--direct', ...way);
    return jid;
  }

  /** The proxy's log line about its login at the server. */
  async function loginLine(jid: string): Promise<Record<string, unknown>> {
    const lines = (): Record<string, unknown>[] =>
      proxy.role.log.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
    return eventually(`the login of ${jid} in the log`, () =>
      lines().find((line) => line['event'] === 'logged in at the server' && line['jid'] === jid),
    );
  }

  async function logsInBy(jid: string, mechanism: string, type: string | undefined): Promise<void> {
    await using client = await SlixmppClient.login(proxy.login({ jid, password }));
    assert.ok((await client.ping()) >= 0);
    const line = await loginLine(jid);
    assert.deepEqual({ mechanism: line['mechanism'], binding: line['binding'] }, { mechanism, binding: type });
  }

  for (const [name, tls, version, mechanism, type] of matrix) {
    it(`${name}, ${tls}, ${version}: ${mechanism}, ${type ?? 'not bound'}`, async () => {
      const domain = newDomain();
      const options = { domain, accounts, tls, certificate: await authority.issue([domain]) };
      const tls12 = version === 'TLS 1.2';
      await using server = await (name === 'Prosody' ? Prosody : Ejabberd).start({ ...options, tls12 });
      await logsInBy(await setUp(domain, server.port, tls), mechanism, type);
    });
  }

  for (const [types, version, type] of listed) {
    it(`of ${types.join(' and ')}, listed over ${version}, ${type} is taken (XEP-0440)`, async () => {
      const domain = newDomain();
      const options = { domain, accounts, tls: 'direct', certificate: await authority.issue([domain]) } as const;
      await using server = await Prosody.start({ ...options, tls12: version === 'TLS 1.2', ...binding(...types) });
      await logsInBy(await setUp(domain, server.port, 'direct'), 'SCRAM-SHA-1-PLUS', type);
    });
  }

  describe('somebody in the middle with a certificate for the domain', () => {
    /** Logs in by way of them; the end as slixmpp sees it, and what they heard. */
    async function loginPast(
      options: ProsodyOptions,
      change?: (chunk: string) => string,
    ): Promise<{ readonly end: string; readonly text: string; readonly heard: string }> {
      const domain = newDomain();
      const [certificate, theirs] = [await authority.issue([domain]), await authority.issue([domain])];
      await using server = await Prosody.start({ domain, accounts, tls: 'direct', certificate, ...options });
      await using middle = await manInTheMiddle(server, theirs, change);
      const jid = await setUp(domain, middle.port, 'direct');
      await using client = SlixmppClient.connect(proxy.login({ jid, password }));
      const ends = new Set(['session', 'sasl-failure', 'stream-error', 'connection-failed']);
      const end = await client.events.take(({ event }) => ends.has(event), 'the end of the login');
      return { end: end.event, text: JSON.stringify(end), heard: middle.heard() };
    }

    it('reads the login of a server that does not bind: the attack is real', async () => {
      const { end, heard } = await loginPast({});
      assert.equal(end, 'session');
      assert.match(heard, /mechanism="SCRAM-SHA-1"|mechanism='SCRAM-SHA-1'/);
    });

    for (const [options, type] of [
      [binding('tls-exporter'), 'tls-exporter'],
      [binding('tls-server-end-point'), 'tls-server-end-point'],
      [{ tls12: true }, 'tls-unique'],
    ] as const) {
      it(`gets no login bound by ${type}`, async () => {
        const { end, heard } = await loginPast(options);
        assert.notEqual(end, 'session');
        assert.match(heard, /SCRAM-SHA-1-PLUS/);
      });
    }

    it('gets none either by taking -PLUS out of the offer: the proxy says that it could have bound', async () => {
      const strip = (chunk: string): string =>
        chunk
          .replaceAll('<mechanism>SCRAM-SHA-1-PLUS</mechanism>', '')
          .replace(/<sasl-channel-binding.*<\/sasl-channel-binding>/, '');
      const { end, heard } = await loginPast(binding('tls-exporter'), strip);
      assert.notEqual(end, 'session');
      assert.doesNotMatch(heard, /PLUS/);
    });

    it('gets none either by listing a type that nobody knows: no proof is sent', async () => {
      const { end, text, heard } = await loginPast(binding('tls-exporter'), (chunk) =>
        chunk.replaceAll("type='tls-exporter'", "type='tls-of-mallory'"),
      );
      assert.notEqual(end, 'session');
      assert.match(text, /knows no way that SIMPP knows/);
      assert.doesNotMatch(heard, /<response/);
    });
  });
});
