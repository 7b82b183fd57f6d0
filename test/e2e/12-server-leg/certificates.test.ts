// What the proxy says about a server's certificate that it refuses: what is
// wrong with it, by date or by name, and who can mend it; whatever the client.
import assert from 'node:assert/strict';
import { domainToASCII } from 'node:url';

import { Prosody } from '../../../proxy/try/prosody.ts';
import { needs } from '../../run/needs.ts';
import { TestAuthority, type Certificate } from '../support/certs.ts';
import { Ejabberd } from '../support/ejabberd.ts';
import { ProxySide } from '../support/proxy-side.ts';
import { header, RawClient } from '../support/raw-client.ts';
import { SlixmppClient } from '../support/slixmpp.ts';

const accounts = [{ name: 'alice', password: 'signed-and-sealed' }];
const date = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d UTC`;

describe('12 server leg: certificates', function () {
  needs('prosody', 'ejabberd', 'slixmpp', 'openssl');
  this.timeout(60_000);
  const stack = new AsyncDisposableStack();
  let authority: TestAuthority;
  let stranger: TestAuthority;
  let proxy: ProxySide;

  before('starts a proxy', async () => {
    authority = stack.use(await TestAuthority.create());
    stranger = stack.use(await TestAuthority.create());
    proxy = stack.use(await ProxySide.create());
    await proxy.setUpDomain('nobody.test', '--direct', '--server', '127.0.0.1:1', '--server-tls', 'direct');
    await proxy.run();
  });
  after('ends the proxy', () => stack.disposeAsync());

  /** What a client is told whose server has this certificate. */
  async function told(domain: string, certificate: Certificate, tls: 'starttls' | 'direct'): Promise<string> {
    await using server = await Prosody.start({ domain, accounts, tls, certificate });
    const way = ['--server', `127.0.0.1:${server.port}`, '--server-tls', tls, '--server-ca', authority.caFile];
    await proxy.setUpDomain(domain, '--direct', ...way);
    await using client = await RawClient.connect(proxy);
    client.write(header(domain));
    const text = await client.untilClosed();
    assert.match(text, /<remote-connection-failed/);
    return /<text[^>]*>([^<]*)</.exec(text)?.[1] ?? '';
  }

  const refused: Record<string, readonly [(domain: string) => Promise<Certificate>, RegExp]> = {
    expired: [
      (domain) => authority.issue([domain], { expired: true }),
      new RegExp(`it has expired on ${date}\\. This machine's clock says ${date}.*ask the server's administrator`),
    ],
    'not valid yet': [
      (domain) => authority.issue([domain], { notYetValid: true }),
      new RegExp(`it is not valid before ${date}\\. This machine's clock says ${date}: if that is wrong, set it`),
    ],
    'self-signed': [(domain) => authority.selfSigned([domain]), /it is self-signed\. .*--server-ca/],
    'of an unknown authority': [(domain) => stranger.issue([domain]), /is not trusted here\. .*--server-ca/],
  };
  let count = 0;
  for (const tls of ['starttls', 'direct'] as const) {
    for (const [what, [issue, expected]] of Object.entries(refused)) {
      it(`${what}, ${tls}`, async () => {
        const domain = `c${++count}.test`;
        assert.match(await told(domain, await issue(domain), tls), expected);
      });
    }
  }

  it('for another name, STARTTLS: which one', async () => {
    const certificate = await authority.issue(['right.test', '*.right.test']);
    assert.match(await told('wrong.test', certificate, 'starttls'), /it is for right\.test, \*\.right\.test/);
  });

  // Prosody 0.12 itself knows no such domain by its ASCII form, which is what SNI has, so direct TLS is ejabberd's.
  for (const [Server, tls] of [
    [Prosody, 'starttls'],
    [Ejabberd, 'direct'],
  ] as const) {
    it(`of a domain that is not ASCII is for its ASCII form: ${Server.name}, ${tls}`, async () => {
      const domain = `bücher-${tls}.test`;
      const certificate = await authority.issue([domainToASCII(domain)]);
      await using server = await Server.start({ domain, accounts, tls, certificate });
      const account = { jid: `alice@${domain}`, password: 'signed-and-sealed' };
      const way = ['--server', `127.0.0.1:${server.port}`, '--server-tls', tls, '--server-ca', authority.caFile];
      await proxy.setUpAccount(account, '--direct', ...way);
      await using client = await SlixmppClient.login(proxy.login(account));
      assert.ok((await client.ping()) >= 0);
    });
  }
});
