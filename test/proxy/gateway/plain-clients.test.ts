import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { Prosody, type ProsodyOptions } from '../../../proxy/try/prosody.ts';
import type { GatewayOptions } from '../../../proxy/gateway/options.ts';
import { TestAuthority, type Certificate } from '../../e2e/support/certs.ts';
import { needs } from '../../run/needs.ts';
import { helloOf, newDevice } from '../../shared/simpp/exchange.ts';
import { authenticate, login, ping, SimppClient } from './simpp-client.ts';
import { header, Stranger } from './stranger.ts';
import { crypto, domain, World } from './world.ts';

const alice = `alice@${domain}`;
const accounts = [{ name: 'alice', password: 'wonderland' }];
const starttls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

describe('clients without SIMPP', () => {
  needs('prosody', 'openssl');
  let authority: TestAuthority;
  let ofServer: Certificate;
  let ofGateway: Certificate;
  before(async () => {
    authority = await TestAuthority.create();
    ofServer = await authority.issue([domain, 'the.server']);
    ofGateway = await authority.issue([domain, 'the.gateway']);
  });
  after(() => authority?.[Symbol.asyncDispose]());

  async function upgrade(socket: Socket): Promise<TLSSocket> {
    const secured = connectTls({ socket, servername: domain, ca: await readFile(authority.caFile) });
    await once(secured, 'secureConnect');
    return secured;
  }

  /** A TCP connection on which TLS is to begin. */
  async function askedForTls(port: number, behind = ''): Promise<Socket> {
    const socket = connect({ port, host: '127.0.0.1' });
    const stranger = new Stranger(socket);
    stranger.send(header(domain));
    await stranger.hear('</stream:features>');
    stranger.send(starttls + behind);
    await stranger.hear("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    socket.removeAllListeners('data');
    return socket;
  }

  async function setUp(
    server: Partial<ProsodyOptions>,
    gateway: Partial<GatewayOptions> = {},
  ): Promise<{ readonly world: World; readonly prosody: Prosody } & AsyncDisposable> {
    const prosody = await Prosody.start({ domain, accounts, certificate: ofServer, ...server });
    const tls = server.tls === 'direct' ? 'direct' : server.tls === 'none' ? 'none' : 'starttls';
    const world = await World.start({ host: '127.0.0.1', port: prosody.port, tls, caFile: authority.caFile }, gateway);
    return {
      world,
      prosody,
      async [Symbol.asyncDispose]() {
        await world[Symbol.asyncDispose]();
        await prosody[Symbol.asyncDispose]();
      },
    };
  }

  const names = (secured: TLSSocket): string => secured.getPeerCertificate().subjectaltname ?? '';

  it("are spliced by STARTTLS: they see the server's own certificate", async () => {
    await using both = await setUp({ tls: 'starttls-required' });
    const secured = await upgrade(await askedForTls(both.world.port));
    assert.match(names(secured), /the\.server/);
    const client = new Stranger(secured);
    await login(client, 'alice', 'wonderland');
    assert.deepEqual(both.world.gateway.status().connections, { opening: 0, simpp: 0, spliced: 1 });
    client.send('</stream:stream>');
    assert.match(await client.rest(), /<\/stream:stream>$/);
  });

  it('bring nothing behind <starttls/> into what follows', async () => {
    await using both = await setUp({ tls: 'starttls-required' });
    const secured = await upgrade(await askedForTls(both.world.port, `<iq type='get'/>${header('evil.test')}`));
    await login(new Stranger(secured), 'alice', 'wonderland');
    secured.destroy();
  });

  it('are spliced to a port for direct TLS, with TLS from the first byte or after STARTTLS', async () => {
    await using both = await setUp({ tls: 'direct' });
    for (const socket of [connect({ port: both.world.port, host: '127.0.0.1' }), await askedForTls(both.world.port)]) {
      const secured = await upgrade(socket);
      assert.match(names(secured), /the\.server/);
      await login(new Stranger(secured), 'alice', 'wonderland');
      secured.destroy();
    }
    assert.equal(both.world.counter('spliced'), 2);
  });

  it('hear that the server is away', async () => {
    const away = { host: '127.0.0.1', port: 1, tls: 'starttls' } as const;
    await using world = await World.start(away);
    const stranger = await Stranger.connect(world.port);
    stranger.send(header(domain));
    await stranger.hear('</stream:features>');
    stranger.send(starttls);
    assert.match(await stranger.rest(), /<remote-connection-failed .*cannot be reached.*<\/stream:stream>$/);
  });

  describe('of a server without TLS', () => {
    it('find TLS at the gateway, both ways', async () => {
      await using both = await setUp({ tls: 'none' }, { tls: ofGateway });
      const { port } = both.world;
      for (const socket of [connect({ port, host: '127.0.0.1' }), await askedForTls(port, '<iq/>')]) {
        const secured = await upgrade(socket);
        assert.match(names(secured), /the\.gateway/);
        const client = new Stranger(secured);
        await login(client, 'alice', 'wonderland');
        await ping(client, 'p1');
        secured.destroy();
      }
      assert.equal(both.world.counter('terminated'), 2);
    });

    it('cannot use an account that has a SIMPP device, unless policy allows', async () => {
      for (const registeredOverTls of ['refuse', 'allow'] as const) {
        await using both = await setUp({ tls: 'none' }, { tls: ofGateway, registeredOverTls });
        const { port, key } = both.world;
        const owner = await SimppClient.open(port, key, helloOf.register(newDevice(crypto, alice)));
        await login(owner, 'alice', 'wonderland');
        const client = new Stranger(await upgrade(await askedForTls(port)));
        await authenticate(client, 'alice', 'wonderland');
        if (registeredOverTls === 'allow') await client.hear('</jid>');
        else assert.match(await client.rest(), /^<stream:error><policy-violation .*SIMPP proxy.*<\/stream:stream>$/);
        client.stream.destroy();
      }
    });

    it('hear why a stream cannot begin', async () => {
      await using world = await World.start({ host: '127.0.0.1', port: 1, tls: 'none' }, { tls: ofGateway });
      for (const [to, expected] of [
        [domain, /<remote-connection-failed /],
        ['other.test', /<host-unknown /],
      ] as const) {
        const client = new Stranger(await upgrade(connect({ port: world.port, host: '127.0.0.1' })));
        client.send(header(to));
        assert.match(await client.rest(), expected);
      }
    });
  });

  it('leave the server with TLS to SIMPP channels too', async () => {
    for (const tls of ['starttls-required', 'direct'] as const) {
      await using both = await setUp({ tls });
      const hello = helloOf.register(newDevice(crypto, alice));
      const client = await SimppClient.open(both.world.port, both.world.key, hello);
      await login(client, 'alice', 'wonderland');
      assert.notEqual(await both.world.directory.account(alice), undefined);
    }
  });
});
