// PROXY protocol at a gateway that runs: who must say whose connection it is,
// what becomes of those who say it wrongly, and what the server is told.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { concat, utf8 } from '../../../../shared/bytes.ts';
import type { Addresses } from '../../../../proxy/gateway/proxy-protocol/header.ts';
import { parseNetwork } from '../../../../proxy/gateway/proxy-protocol/networks.ts';
import { readProxyHeader } from '../../../../proxy/gateway/proxy-protocol/read.ts';
import { writeVersion1 } from '../../../../proxy/gateway/proxy-protocol/version-1.ts';
import { signature2, writeVersion2 } from '../../../../proxy/gateway/proxy-protocol/version-2.ts';
import { defaultThrottle } from '../../../../proxy/gateway/throttle.ts';
import { helloOf, newDevice } from '../../../shared/simpp/exchange.ts';
import { SimppClient } from '../simpp-client.ts';
import { header, Stranger } from '../stranger.ts';
import { crypto, domain, World } from '../world.ts';

const client: Addresses = {
  source: { host: '203.0.113.9', port: 40_000 },
  destination: { host: '198.51.100.7', port: 5222 },
};
const nowhere = { host: '127.0.0.1', port: 1, tls: 'none' } as const;
const loopback = [parseNetwork('127.0.0.0/8')!];
const local = concat(signature2, Uint8Array.of(0x20, 0, 0, 0));

describe('a gateway behind a balancer', () => {
  const open = (deps: Parameters<typeof World.start>[2] = {}): Promise<World> =>
    World.start(nowhere, { acceptProxyProtocol: loopback }, deps);

  for (const [version, bytes] of [
    ['1', writeVersion1(client)],
    ['2', writeVersion2(client)],
  ] as const) {
    it(`takes the client's address from a header of version ${version}, however it is cut`, async () => {
      await using world = await open();
      const whole = concat(bytes, utf8(header(domain)), utf8('<iq/>'));
      for (const pieces of [[whole], Array.from(whole, (byte) => Uint8Array.of(byte))]) {
        const stranger = await Stranger.connect(world.port);
        for (const piece of pieces) stranger.send(piece);
        assert.match(await stranger.rest(), /<stream:features>.*<policy-violation /);
        assert.equal(world.logged('stream refused')?.peer, '203.0.113.9:40000');
      }
    });
  }

  it("keeps the balancer's own address where the header speaks for nobody", async () => {
    await using world = await open();
    for (const bytes of [utf8('PROXY UNKNOWN\r\n'), local]) {
      const stranger = await Stranger.connect(world.port);
      stranger.send(concat(bytes, utf8(header(domain)), utf8('<iq/>')));
      await stranger.rest();
      assert.match(String(world.logged('stream refused')?.peer), /^127\.0\.0\.1:\d+$/);
    }
  });

  for (const [what, bytes] of [
    ['without a header', utf8(header(domain))],
    ['with TLS in its place', Uint8Array.of(0x16, 3, 1)],
    ['with a malformed one', utf8('PROXY TCP4 203.0.113.9\r\n')],
    ['with a second one behind it', concat(writeVersion2(client), writeVersion2(client))],
    ['with two of different versions', concat(writeVersion2(client), writeVersion1(client))],
  ] as const) {
    it(`closes a connection ${what}, without a word, and logs it`, async () => {
      await using world = await open();
      const stranger = await Stranger.connect(world.port);
      stranger.send(bytes);
      assert.equal(await stranger.rest(), '');
      assert.ok(world.logged('proxy header refused')?.text);
      assert.equal(world.counter('proxyHeadersRefused'), 1);
    });
  }

  it('closes a connection whose header is late, or does not end', async () => {
    await using world = await open({ timing: { proxyHeaderMs: 50 } });
    for (const bytes of [new Uint8Array(0), utf8('PROXY TCP4')]) {
      const stranger = await Stranger.connect(world.port);
      stranger.send(bytes);
      assert.equal(await stranger.rest(), '');
      assert.equal(world.logged('proxy header refused')?.code, 'too-slow');
    }
    const ended = await Stranger.connect(world.port);
    ended.stream.end('PROXY TCP4');
    assert.equal(await ended.rest(), '');
    assert.equal(world.logged('proxy header refused')?.code, 'malformed-message');
  });

  it('says nothing of one that was closed without a byte, as health checks do', async () => {
    await using world = await open();
    const check = await Stranger.connect(world.port);
    check.stream.end();
    assert.equal(await check.rest(), '');
    assert.equal(world.logged('proxy header refused'), undefined);
    assert.equal(world.counter('connections'), 0);
  });

  it('stops at once while a header is awaited, which takes up a place too', async () => {
    const timing = { proxyHeaderMs: 60_000 };
    const limits = { maxConnections: 1, maxStanzaBytes: 262_144 };
    const world = await World.start(nowhere, { acceptProxyProtocol: loopback, limits }, { timing });
    const silent = await Stranger.connect(world.port);
    const second = await Stranger.connect(world.port);
    assert.match(await second.rest(), /<resource-constraint /);
    await world[Symbol.asyncDispose]();
    assert.equal(await silent.rest(), '');
  });

  it("limits by the client's network, not by the balancer's", async () => {
    const one = { capacity: 1, refillPerSecond: 0, maxKeys: 10 };
    await using world = await open({ throttle: { ...defaultThrottle, connections: one } });
    const from = async (host: string): Promise<Stranger> => {
      const stranger = await Stranger.connect(world.port);
      stranger.send(writeVersion2({ ...client, source: { host, port: 1 } }));
      stranger.send(header(domain));
      return stranger;
    };
    await (await from('203.0.113.9')).hear('</stream:features>');
    const second = await from('203.0.113.77');
    assert.match(await second.rest(), /<policy-violation /);
    assert.equal(world.logged('connection refused')?.peer, '203.0.113.77:1');
    await (await from('192.0.2.1')).hear('</stream:features>');
  });
});

describe('a gateway that is not behind a balancer', () => {
  it('closes a connection that begins with a header, and believes nothing of it', async () => {
    await using world = await World.start(nowhere, { acceptProxyProtocol: [parseNetwork('192.0.2.0/24')!] });
    for (const bytes of [writeVersion1(client), writeVersion2(client)]) {
      const stranger = await Stranger.connect(world.port);
      stranger.send(concat(bytes, utf8(header(domain))));
      assert.equal(await stranger.rest(), '');
      const { peer, text } = world.logged('proxy header refused') ?? {};
      assert.match(String(peer), /^127\.0\.0\.1:/);
      assert.match(String(text), /accept_proxy_protocol does not name/);
    }
  });
});

describe('the server behind a gateway', () => {
  const starttls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

  /** A server that keeps what each connection says first, and answers nothing. */
  async function listen(): Promise<{ port: number; first(): Promise<Buffer> } & Disposable> {
    const sockets: Socket[] = [];
    const heard: Buffer[] = [];
    let wake = Promise.withResolvers<void>();
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      const received: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => {
        received.push(chunk);
        if (!chunk.includes('>')) return;
        heard.push(Buffer.concat(received));
        wake.resolve();
        wake = Promise.withResolvers();
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return {
      port: (server.address() as AddressInfo).port, // of a TCP server
      async first() {
        for (;;) {
          const bytes = heard.shift();
          if (bytes !== undefined) return bytes;
          await wake.promise;
        }
      },
      [Symbol.dispose]() {
        for (const socket of sockets) socket.destroy();
        server.close();
      },
    };
  }

  for (const proxyProtocol of ['v1', 'v2'] as const) {
    it(`is told the client's address by ${proxyProtocol}, ahead of everything else, on every way to it`, async () => {
      using server = await listen();
      const announced = (bytes: Buffer): Addresses | undefined => {
        assert.equal(bytes.subarray(0, 5).toString('latin1'), proxyProtocol === 'v1' ? 'PROXY' : '\r\n\r\n\0');
        const reading = readProxyHeader(bytes);
        assert.ok(reading.kind === 'complete');
        assert.match(bytes.subarray(reading.length).toString(), /^<\?xml .*<stream:stream /s);
        return reading.addresses;
      };
      {
        const behind = { host: '127.0.0.1', port: server.port, tls: 'starttls', proxyProtocol } as const;
        const timing = { connectMs: 200, lingerMs: 50 };
        await using world = await World.start(behind, { acceptProxyProtocol: loopback }, { timing });
        const spliced = await Stranger.connect(world.port);
        spliced.send(concat(writeVersion2(client), utf8(header(domain))));
        await spliced.hear('</stream:features>');
        spliced.send(starttls);
        assert.deepEqual(announced(await server.first()), client);
        spliced.stream.destroy();
      }
      // In a channel, and without a balancer: the addresses are those of the connection itself.
      await using world = await World.start({ host: '127.0.0.1', port: server.port, tls: 'none', proxyProtocol });
      const simpp = await SimppClient.open(world.port, world.key, helloOf.guest(newDevice(crypto)));
      simpp.send(header(domain));
      const { source, destination } = announced(await server.first()) ?? {};
      assert.equal(source?.host, '127.0.0.1');
      assert.deepEqual(destination, { host: '127.0.0.1', port: world.port });
      simpp.stream.destroy();
    });
  }
});
