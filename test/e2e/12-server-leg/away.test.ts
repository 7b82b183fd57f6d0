// A server that is away is said so at once, by a stream that begins and ends as
// RFC 6120 §4.9.1.2 wants it (transparency.md §3.5), in both modes.
import assert from 'node:assert/strict';

import { Prosody } from '../../../proxy/try/prosody.ts';
import { needs } from '../../run/needs.ts';
import { freePort } from '../support/free-port.ts';
import { ProxySide } from '../support/proxy-side.ts';
import { header, RawClient } from '../support/raw-client.ts';
import { logInRaw } from '../support/raw-session.ts';

const domain = 'example.test';
const password = 'out-for-lunch';
const accounts = [{ name: 'alice', password }];
const alice = { jid: `alice@${domain}`, password };
const plain = Buffer.from(`\0alice\0${password}`).toString('base64');
const auth = `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${plain}</auth>`;
/** The client is told within a second; ten times that, so that a busy machine is no failure. */
const soonMs = 10_000;

describe('12 server leg: a server that is away', function () {
  needs('prosody');
  this.timeout(60_000);
  let proxy: ProxySide;
  beforeEach(async () => {
    proxy = await ProxySide.create();
  });
  afterEach(() => proxy[Symbol.asyncDispose]());

  async function setUp(mode: 'ended' | 'relayed', port: number): Promise<void> {
    const way = ['--direct', '--server', `127.0.0.1:${port}`, '--server-tls', 'none'];
    if (mode === 'relayed') await proxy.setUpDomain(domain, ...way);
    else await proxy.setUpAccount(alice, ...way);
    await proxy.run();
  }

  it('is told to a client whose login is relayed in answer to its header, each time with a fresh id', async () => {
    await setUp('relayed', await freePort());
    const ids = new Set<string | undefined>();
    for (let time = 0; time < 2; time++) {
      await using client = await RawClient.connect(proxy);
      client.write(header(domain));
      const text = await client.untilClosed(soonMs);
      assert.match(text, /^<\?xml [^>]*><stream:stream [^>]*from='example\.test'/);
      assert.match(text, /<stream:error><remote-connection-failed [^>]*\/><text[^>]*>Nothing listens at 127\.0\.0\.1:/);
      assert.match(text, /<\/stream:error><\/stream:stream>$/);
      ids.add(/ id='([^']+)'/.exec(text)?.[1]);
    }
    assert.ok(ids.size === 2 && !ids.has(undefined));
  });

  it('is told to a client whose login ends here once it has proven itself', async () => {
    await setUp('ended', await freePort());
    await using client = await RawClient.connect(proxy);
    client.write(header(domain));
    await client.hear('</stream:features>');
    client.write(auth);
    const text = await client.untilClosed(soonMs);
    assert.match(
      text,
      /<\/stream:features><stream:error><remote-connection-failed [^>]*\/><text[^>]*>Nothing listens at/,
    );
    assert.match(text, /<\/stream:stream>$/);
  });

  for (const mode of ['ended', 'relayed'] as const) {
    it(`is served again as soon as it is back, without a restart of the proxy: ${mode}`, async () => {
      await using prosody = await Prosody.start({ domain, accounts });
      await setUp(mode, prosody.port);
      await prosody.stop();
      {
        await using client = await RawClient.connect(proxy);
        client.write(header(domain));
        if (mode === 'ended') {
          await client.hear('</stream:features>');
          client.write(auth);
        }
        assert.match(await client.untilClosed(soonMs), /remote-connection-failed/);
      }
      await prosody.start();
      await using client = await logInRaw(proxy.login(alice));
      assert.match(client.text, /<jid>alice@example\.test\//);
    });
  }
});
