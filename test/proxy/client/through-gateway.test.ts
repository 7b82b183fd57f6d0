// Both modes through a real gateway: client, proxy, SIMPP, gateway, Prosody.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { detectNodeCrypto } from '../../../proxy/crypto/provider.ts';
import { parseEndpoint } from '../../../proxy/endpoint.ts';
import { createGatewayKey, publicGatewayKey } from '../../../proxy/gateway/key-file.ts';
import type { RunningGateway } from '../../../proxy/gateway/options.ts';
import { startGateway } from '../../../proxy/gateway/server.ts';
import { silentLog } from '../../../proxy/log.ts';
import type { GatewayRoute } from '../../../proxy/options.ts';
import { domain, prosodyForTests } from './prosody.ts';
import { bind, header, plainAuth, RawClient } from './raw-client.ts';
import { TestProxy, type TestProxyOptions } from './test-proxy.ts';

const crypto = detectNodeCrypto();
const key = createGatewayKey(crypto, 'simpp-2');
const jid = `alice@${domain}`;
const passwords = { [jid]: 'alice-secret' };

describe('a client behind a gateway', function () {
  this.timeout(20_000);
  const prosody = prosodyForTests();
  let folder: string;
  let gateway: RunningGateway;
  let proxy: TestProxy;
  let client: RawClient;

  const route = (keyBytes = publicGatewayKey(key).bytes): GatewayRoute => ({
    mode: 'gateway',
    gateway: { ...parseEndpoint(gateway.listen[0]!)!, keyBytes },
    profile: 'simpp-2',
  });
  const start = async (options: TestProxyOptions): Promise<void> => {
    proxy = await TestProxy.start({ identities: [jid], ...options });
    client = await RawClient.connect(proxy.address);
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'simpp-gateway-'));
    const options = {
      domains: [domain],
      listen: [{ host: '127.0.0.1', port: 0 }],
      server: { host: '127.0.0.1', port: prosody.server.port, tls: 'none' },
      plainClients: 'refuse',
      guest: 'allow',
      profile: 'simpp-2',
      databaseFile: join(folder, 'gateway.db'),
      limits: { maxConnections: 100, maxStanzaBytes: 262_144 },
    } as const;
    gateway = await startGateway(options, { crypto, key, log: silentLog });
  });
  afterEach(async () => {
    await client[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
    await gateway.stop();
    await rm(folder, { recursive: true });
  });

  const modes: readonly (readonly [string, () => TestProxyOptions])[] = [
    ['relayed', () => ({ setups: [{ kind: 'domain', domain, ...route() }] })],
    ['ended', () => ({ setups: [{ kind: 'jid', jid, ...route() }], passwords })],
  ];
  for (const [mode, options] of modes) {
    describe(`(${mode})`, () => {
      beforeEach(() => start(options()));

      it('logs in, pipelined too, and its device is registered', async () => {
        await client.login(domain, 'alice', 'alice-secret', 'first');
        assert.equal(proxy.accounts.registration(jid)?.state, 'registered');
        await using second = await RawClient.connect(proxy.address);
        if (mode === 'relayed') {
          second.write(header(domain) + plainAuth('alice', 'alice-secret') + header(domain) + bind('second'));
        } else {
          await second.open(domain);
          second.write(plainAuth('alice', 'alice-secret') + header(domain) + bind('second'));
        }
        await second.expect(`<jid>${jid}/second</jid>`);
        second.write(`<iq type='get' id='p' to='${domain}'><ping xmlns='urn:xmpp:ping'/></iq></stream:stream>`);
        assert.match(await second.closed(), /<iq [^>]*id='p'.*<\/stream:stream>$/);
      });

      it('is told of a wrong password, and may try again', async () => {
        await client.open(domain);
        client.write(plainAuth('alice', 'wrong'));
        assert.match(await client.expect('</failure>'), /<not-authorized\/>/);
        client.write(plainAuth('alice', 'alice-secret'));
        await client.expect('<success');
      });

      it('resumes its session after it vanished', async () => {
        await client.login(domain, 'alice', 'alice-secret', 'resumable');
        client.write(`<enable xmlns='urn:xmpp:sm:3' resume='true'/>`);
        const id = / id='([^']+)'/.exec(await client.expect(/<enabled [^>]*>/))![1]!;
        client.socket.destroy();
        await using again = await RawClient.connect(proxy.address);
        await again.open(domain);
        again.write(plainAuth('alice', 'alice-secret'));
        await again.expect('<success');
        await again.open(domain);
        again.write(`<resume xmlns='urn:xmpp:sm:3' h='0' previd='${id}'/>`);
        await again.expect('<resumed ');
      });

      it('when the server behind the gateway is killed, sees what it would see without', async () => {
        await client.login(domain, 'alice', 'alice-secret', 'r');
        await prosody.server.kill();
        const last = await client.closed();
        if (mode === 'relayed') assert.equal(last, '');
        else assert.match(last, /<remote-connection-failed .*<\/stream:stream>$/);
        await using next = await RawClient.connect(proxy.address);
        next.write(header(domain));
        if (mode === 'ended') next.write(plainAuth('alice', 'alice-secret'));
        assert.match(
          await next.closed(),
          /<remote-connection-failed [^>]*><text [^>]*>[^<]+<\/text>.*<\/stream:stream>$/,
        );
        await prosody.server.start();
      });
    });
  }

  it('is refused, with text, when the gateway has another key than the one pinned', async () => {
    const other = publicGatewayKey(createGatewayKey(crypto, 'simpp-2')).bytes;
    await start({ setups: [{ kind: 'domain', domain, ...route(other) }] });
    client.write(header(domain));
    assert.match(await client.closed(), /<stream:error><[a-z-]+ xmlns='[^']+'\/><text [^>]*>[^<]+<\/text>/);
  });

  it('is enrolled at its first login of a domain set-up, before it hears that it is bound', async () => {
    await start({ setups: [{ kind: 'domain', domain, ...route() }] });
    await client.open(domain);
    client.write(plainAuth('alice', 'alice-secret') + header(domain));
    await client.expect(/<success.*<\/stream:features>/s);
    assert.equal(proxy.accounts.registration(jid)?.state, 'none');
    client.write(bind('enrolled'));
    await client.expect('</iq>');
    assert.equal(proxy.accounts.registration(jid)?.state, 'registered');
  });
});
