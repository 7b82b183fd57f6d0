// Servers that send their clients to another host: the gateway goes there by
// itself where it may, and no client is ever sent past it (transparency.md §4).
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { GatewayOptions } from '../../../proxy/gateway/options.ts';
import { readProxyHeader } from '../../../proxy/gateway/proxy-protocol/read.ts';
import { parseHostPattern } from '../../../proxy/gateway/redirection.ts';
import { helloOf, newDevice } from '../../shared/simpp/exchange.ts';
import { SimppClient } from './simpp-client.ts';
import { header, Stranger } from './stranger.ts';
import { crypto, domain, World } from './world.ts';

const opening = (id: string): string =>
  `<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' ` +
  `from='${domain}' id='${id}' version='1.0'>`;
const features =
  "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms></stream:features>";
const redirection = (to: string): string =>
  `<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>${to}</see-other-host></stream:error></stream:stream>`;
const auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGFsaWNlAHg=</auth>";
const success = "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>";

/** A server that says something to each thing that it hears. */
class Scripted implements Disposable {
  readonly heard: string[] = [];
  readonly #server: Server;
  readonly #sockets: Socket[] = [];

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(answer: (heard: string, count: number) => string | undefined): Promise<Scripted> {
    const server = createServer();
    const scripted = new Scripted(server);
    server.on('connection', (socket) => {
      scripted.#sockets.push(socket);
      let count = 0;
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => {
        const text = chunk.toString('latin1');
        scripted.heard.push(text);
        const words = answer(text, ++count);
        if (words !== undefined) socket.write(words);
        if (words?.endsWith('</stream:stream>')) socket.end();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return scripted;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port; // of a TCP server
  }

  get place(): string {
    return `127.0.0.1:${this.port}`;
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

const pointing = (to: () => string): Promise<Scripted> => Scripted.start(() => opening('first') + redirection(to()));
const serving = (): Promise<Scripted> =>
  Scripted.start((heard) => (heard.includes('<stream:stream') ? opening('second') + features : undefined));

function behind(server: Scripted, redirects: readonly string[], changes: Partial<GatewayOptions> = {}): Promise<World> {
  const redirectHosts = redirects.map((text) => parseHostPattern(text)!);
  return World.start({ host: '127.0.0.1', port: server.port, tls: 'none' }, { redirectHosts, ...changes });
}

const guest = (world: World): Promise<SimppClient> =>
  SimppClient.open(world.port, world.key, helloOf.guest(newDevice(crypto)));

describe('a server that sends its clients to another host', () => {
  it('is left for that host, and the client sees one stream only', async () => {
    using second = await serving();
    using first = await pointing(() => second.place);
    await using world = await behind(first, [second.place]);
    const client = await guest(world);
    client.send(header(domain));
    assert.equal(await client.hear('</stream:features>'), opening('second') + features);
    assert.deepEqual(second.heard, [header(domain)]);
    client.stream.destroy();
  });

  it('hears nothing of a password that the client sent ahead', async () => {
    using second = await serving();
    using first = await pointing(() => second.place);
    await using world = await behind(first, ['127.0.0.1']);
    const client = await guest(world);
    client.send(header(domain) + auth);
    await client.hear('</stream:features>');
    while (!second.heard.join('').includes('</auth>')) await new Promise(setImmediate);
    assert.deepEqual([first.heard.join(''), second.heard.join('')], [header(domain), header(domain) + auth]);
    client.stream.destroy();
  });

  it('is followed three times, and no further', async () => {
    for (const hops of [3, 4]) {
      using last = await serving();
      const stack = new DisposableStack();
      let next = last;
      for (let hop = 0; hop < hops; hop++) {
        const { place } = next;
        next = stack.use(await pointing(() => place));
      }
      await using world = await behind(next, ['127.0.0.1']);
      const client = await guest(world);
      client.send(header(domain));
      if (hops === 3) await client.hear('</stream:features>');
      else await isToldThatServerIsAway(world, client);
      assert.equal(last.heard.length, hops === 3 ? 1 : 0);
      client.stream.destroy();
      stack.dispose();
    }
  });

  it('that points to itself is left alone after three times', async () => {
    using loop: Scripted = await pointing(() => loop.place);
    await using world = await behind(loop, ['127.0.0.1']);
    const client = await guest(world);
    client.send(header(domain));
    await isToldThatServerIsAway(world, client);
    assert.equal(loop.heard.length, 4);
  });

  for (const [what, allowed] of [
    ['nothing is allowed', []],
    ['something else is allowed', ['xmpp2.example.test', '127.0.0.1:1']],
  ] as const) {
    it(`is a server that cannot be reached where ${what}: its clients are sent nowhere`, async () => {
      using second = await serving();
      using first = await pointing(() => second.place);
      await using world = await behind(first, allowed);
      const client = await guest(world);
      client.send(header(domain));
      // Where nothing is allowed, nothing is waited for either.
      await isToldThatServerIsAway(world, client, allowed.length === 0);
      assert.equal(second.heard.length, 0);
    });
  }

  it('is not followed to a place that cannot be read', async () => {
    using first = await pointing(() => 'not a host');
    await using world = await behind(first, ['127.0.0.1']);
    const client = await guest(world);
    client.send(header(domain));
    await isToldThatServerIsAway(world, client);
    assert.equal(world.logged('redirect refused')?.server, undefined);
  });

  it('after the login sends nobody anywhere either: following it would lose the session', async () => {
    using second = await serving();
    using first = await Scripted.start((heard, count) => {
      if (count === 1) return opening('first') + features;
      return heard.includes('<auth') ? success : opening('first-again') + redirection(second.place);
    });
    await using world = await behind(first, ['127.0.0.1']);
    const client = await guest(world);
    client.send(header(domain));
    await client.hear('</stream:features>');
    client.send(auth);
    await client.hear(success);
    client.send(header(domain));
    const heard = await client.rest();
    assert.ok(heard.startsWith(`${opening('first-again')}<stream:error>`));
    assert.match(heard, refusal);
    assert.equal(second.heard.length, 0);
  });

  it('is told the address of the client on each host', async () => {
    using second = await serving();
    using first = await pointing(() => second.place);
    const server = { host: '127.0.0.1', port: first.port, tls: 'none', proxyProtocol: 'v1' } as const;
    await using world = await World.start(server, { redirectHosts: [parseHostPattern('127.0.0.1')!] });
    const client = await guest(world);
    client.send(header(domain));
    await client.hear('</stream:features>');
    for (const { heard } of [first, second]) {
      const reading = readProxyHeader(Buffer.from(heard.join(''), 'latin1'));
      assert.ok(reading.kind === 'complete');
      assert.equal(reading.addresses?.source.host, '127.0.0.1');
    }
    client.stream.destroy();
  });

  it('is followed before its STARTTLS too, for clients without SIMPP', async () => {
    const starttls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
    using second = await Scripted.start((heard) =>
      heard.includes('<starttls')
        ? "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
        : `${opening('second')}<stream:features>${starttls}</stream:features>`,
    );
    using first = await pointing(() => second.place);
    const server = { host: '127.0.0.1', port: first.port, tls: 'starttls' } as const;
    for (const isAllowed of [true, false]) {
      const redirectHosts = isAllowed ? [parseHostPattern(second.place)!] : [];
      await using world = await World.start(server, { redirectHosts });
      const client = await Stranger.connect(world.port);
      client.send(header(domain));
      await client.hear('</stream:features>');
      client.send(starttls);
      if (isAllowed) await client.hear('<proceed ');
      else assert.match(await client.rest(), /<remote-connection-failed /);
      client.stream.destroy();
    }
  });

  it('is waited for only so long: one that says no features is joined as it is', async () => {
    using slow = await Scripted.start((_, count) => (count === 1 ? opening('slow') : features));
    const timing = { connectMs: 50 };
    const options = { redirectHosts: [parseHostPattern('127.0.0.1')!] };
    await using world = await World.start({ host: '127.0.0.1', port: slow.port, tls: 'none' }, options, { timing });
    const client = await guest(world);
    client.send(header(domain));
    await client.hear(opening('slow'));
    client.send(auth);
    await client.hear(features);
    client.stream.destroy();
  });
});

const refusal =
  /<stream:error( [^>]*)?><remote-connection-failed [^>]*\/><text [^>]*>The XMPP server sends its clients to another host, where the gateway may not follow[^<]*<\/text><\/stream:error><\/stream:stream>$/;

/** In a stream of the gateway's own, unless the server's header has been passed on. */
async function isToldThatServerIsAway(world: World, client: SimppClient, isAnswered = false): Promise<void> {
  const heard = await client.rest();
  assert.match(heard, refusal);
  assert.equal(heard.startsWith(opening('first')), isAnswered);
  assert.equal(heard.split('<stream:stream').length, 2);
  assert.equal(client.control('Goodbye'), undefined);
  assert.equal(world.logged('channel ended')?.code, 'server-unreachable');
}
