// A real server that sends its clients to another real one: the gateway goes
// there for proxies and for clients without SIMPP, and for nobody where the
// administrator has not allowed it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import { Prosody, type ProsodyOptions } from '../../../proxy/try/prosody.ts';
import { needs } from '../../run/needs.ts';
import { TestAuthority } from '../support/certs.ts';
import { GatewaySide } from '../support/gateway-side.ts';
import { loginAt, ProxySide } from '../support/proxy-side.ts';
import { SlixmppClient } from '../support/slixmpp.ts';
import { alice, domain } from '../support/world.ts';

const accounts = [alice];
const lua = await readFile(new URL('../12-server-leg/redirecting.lua', import.meta.url), 'utf8');

/** A Prosody that sends away streams in this state. */
function sendingAway(state: 'plaintext' | 'encrypted' | 'authenticated', target: string): ProsodyOptions {
  return { plugins: { test_redirecting: `local state, target = "${state}", "${target}";\n${lua}` } };
}

describe('11 gateway edge: a server that sends its clients elsewhere', function () {
  needs('prosody', 'slixmpp', 'openssl');
  this.timeout(60_000);
  const stack = new AsyncDisposableStack();
  let authority: TestAuthority;
  let serve: (options?: ProsodyOptions) => Promise<Prosody>;
  before(async () => {
    authority = stack.use(await TestAuthority.create());
    const certificate = await authority.issue([domain]);
    serve = async (options) =>
      stack.use(await Prosody.start({ domain, accounts, tls: 'starttls', certificate, ...options }));
  });
  after(() => stack.disposeAsync());

  const trust = (): string[] => ['--server-tls', 'starttls', '--server-ca', authority.caFile];

  async function talkThrough(gateway: GatewaySide): Promise<SlixmppClient> {
    const machine = stack.use(await ProxySide.create());
    await machine.setUpDomain(domain, '--invite', gateway.invite);
    await machine.run();
    return SlixmppClient.connect(machine.login(alice));
  }

  for (const state of ['plaintext', 'encrypted'] as const) {
    it(`is followed from a ${state} stream, with the certificate of the domain, and nobody notices`, async () => {
      const home = await serve();
      const server = await serve(sendingAway(state, `127.0.0.1:${home.port}`));
      const flags = [...trust(), '--redirect-host', `127.0.0.1:${home.port}`];
      await using gateway = await GatewaySide.start({ domain, server, flags });
      await using client = await talkThrough(gateway);
      await client.event('session');
      client.say(client.jid, 'here at last');
      await client.hear('here at last');
      assert.match(home.log, /Authenticated as alice@/);
      assert.doesNotMatch(server.log, /Authenticated/);
      if (state === 'encrypted') return;
      const plain = { ...loginAt(gateway, alice), tls: 'starttls', caFile: authority.caFile } as const;
      await using spliced = await SlixmppClient.login(plain);
      assert.ok((await spliced.ping()) >= 0);
    });
  }

  it('is not followed to a server with a certificate for another name', async () => {
    const other = await serve({ certificate: await authority.issue(['other.test']) });
    const server = await serve(sendingAway('encrypted', `127.0.0.1:${other.port}`));
    const flags = [...trust(), '--redirect-host', '127.0.0.1'];
    await using gateway = await GatewaySide.start({ domain, server, flags });
    await using client = await talkThrough(gateway);
    const error = await client.event('stream-error');
    assert.equal(error['condition'], 'remote-connection-failed');
    assert.match(gateway.role.log, /"event":"server not reached"/);
    assert.match(gateway.role.log, /is not valid for example\.test/);
  });

  for (const state of ['encrypted', 'authenticated'] as const) {
    it(`sends nobody past the gateway from a stream that is ${state}: the client hears that the server is away`, async () => {
      const home = await serve();
      const server = await serve(sendingAway(state, `127.0.0.1:${home.port}`));
      await using gateway = await GatewaySide.start({ domain, server, flags: trust() });
      await using client = await talkThrough(gateway);
      const error = await client.event('stream-error');
      assert.equal(error['condition'], 'remote-connection-failed');
      assert.match(String(error['text']), /sends its clients to another host/);
      assert.doesNotMatch(home.log, /Client connected/);
    });
  }
});
