// The pipe between a channel and a server that the test itself plays.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { goodbyeReasons } from '../../../shared/simpp/control.ts';
import { helloOf, newDevice } from '../../shared/simpp/exchange.ts';
import { SimppClient } from './simpp-client.ts';
import { header, Stranger } from './stranger.ts';
import { crypto, domain, World } from './world.ts';

const jid = `alice@${domain}`;
const serverHeader = `<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='s' from='${domain}' version='1.0'>`;
const features = '<stream:features/>';

describe('the pipe between a channel and its server', () => {
  let listener: Server;
  let world: World;
  beforeEach(async () => {
    listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo; // of a TCP server
    world = await World.start({ host: '127.0.0.1', port, tls: 'none' });
  });
  afterEach(async () => {
    await world[Symbol.asyncDispose]();
    listener.close();
  });

  async function joined(hello = helloOf.guest(newDevice(crypto))) {
    const arrival = once(listener, 'connection') as Promise<[Socket]>; // as net declares it
    const client = await SimppClient.open(world.port, world.key, hello);
    const [socket] = await arrival;
    const server = new Stranger(socket);
    client.send(header(domain));
    await server.hear("version='1.0'>");
    return { client, server, socket };
  }

  /** Logged in as far as the client, up to the bind request. */
  async function asked(hello = helloOf.guest(newDevice(crypto))) {
    const both = await joined(hello);
    const { client, server } = both;
    server.send(serverHeader + features);
    await client.hear(features);
    client.send(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAYg==</auth>${header(domain)}`);
    await server.hear('</auth>');
    server.send("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
    await server.hear("version='1.0'>");
    server.send(serverHeader + features);
    client.send("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq><message id='early'/>");
    await server.hear('</iq>');
    return both;
  }

  const bindResult = (bound: string): string =>
    `<iq type='result' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>${bound}/r</jid></bind></iq>`;

  it('lets nothing through in a name that was not checked', async () => {
    const { client, server } = await asked(helloOf.register(newDevice(crypto, jid)));
    server.send(bindResult(`mallory@${domain}`));
    assert.equal(await server.rest(), '</stream:stream>', 'neither the early message nor a ghost');
    assert.doesNotMatch(await client.rest(), /mallory/);
    assert.equal(goodbyeReasons[client.control('Goodbye')!.reason], 'jid-mismatch');
    assert.equal(await world.directory.countAccounts(), 0);
  });

  it('lets through what waited when the name is right', async () => {
    const { client, server } = await asked(helloOf.register(newDevice(crypto, jid)));
    server.send(bindResult(jid));
    await client.hear('</jid>');
    await server.hear("<message id='early'/>");
  });

  it('registers nothing on a resumed stream, and delivers nothing of one that is not of this JID', async () => {
    const register = helloOf.register(newDevice(crypto, `a@${domain}`));
    for (const [hello, isRight] of [
      [register, true],
      [helloOf.register(newDevice(crypto, jid)), false],
    ] as const) {
      const { client, server } = await joined(hello);
      server.send(serverHeader + features);
      client.send(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAYg==</auth>`);
      await server.hear('</auth>');
      server.send("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
      client.send(`${header(domain)}<resume xmlns='urn:xmpp:sm:3' previd='p' h='0'/>`);
      await server.hear("h='0'/>");
      server.send(`${serverHeader}${features}<resumed xmlns='urn:xmpp:sm:3' previd='p' h='0'/>`);
      if (isRight) await client.hear('<resumed ');
      else assert.doesNotMatch(await client.rest(), /resumed/);
    }
    assert.equal(await world.directory.countAccounts(), 0);
    assert.deepEqual([world.counter('registrations'), world.logged('login')?.mode], [0, 'resumed']);
  });

  it('passes a lost client on as a loss, so that the server keeps what can be resumed', async () => {
    const { client, server } = await asked();
    server.send(bindResult(jid));
    await client.hear('</jid>');
    await server.hear("<message id='early'/>");
    client.socket.destroy();
    assert.equal(await server.rest(), '');
  });

  it('tells the client when the server is lost, and ends in order', async () => {
    const { client, server, socket } = await asked();
    server.send(bindResult(jid));
    await client.hear('</jid>');
    socket.resetAndDestroy();
    await client.rest();
    assert.equal(goodbyeReasons[client.control('Goodbye')!.reason], 'server-unreachable');
    assert.equal(client.socket.errored, null);
  });

  it("says what is wrong with a client's XML inside the channel, and closes the server's stream", async () => {
    for (const [bad, condition] of [
      ['<a></b>', 'not-well-formed'],
      ['<!-- -->', 'restricted-xml'],
      ['<a>&nbsp;</a>', 'restricted-xml'],
      ['<a>'.repeat(100), 'policy-violation'],
      [Buffer.from([0x3c, 0x61, 0x3e, 0xc0, 0x80]), 'unsupported-encoding'],
    ] as const) {
      const { client, server } = await joined();
      server.send(serverHeader + features);
      await client.hear(features);
      client.send(bad);
      assert.match(await client.rest(), new RegExp(`^<stream:error><${condition} .*</stream:error></stream:stream>$`));
      assert.equal(await server.rest(), '</stream:stream>');
    }
  });

  it('writes a header of its own before a stream error when there is none yet', async () => {
    const { client } = await joined();
    client.send('<!DOCTYPE a>');
    assert.match(
      await client.rest(),
      /^<\?xml [^>]*><stream:stream [^>]*from='example\.test'[^>]*><stream:error><restricted-xml /,
    );
  });

  it('is closed soon after both ends have closed', async () => {
    const { client, server, socket } = await joined();
    client.send('</stream:stream>');
    client.socket.end();
    await server.hear('</stream:stream>');
    server.send(`${serverHeader}</stream:stream>`);
    socket.end();
    assert.match(await client.rest(), /<\/stream:stream>$/);
    while (world.gateway.status().connections.simpp > 0) await new Promise(setImmediate);
  });

  it('stops reading a client that does not read the answers to it, and loses none', async () => {
    const { client, server } = await joined();
    server.send(serverHeader + features);
    await client.hear(features);
    const name = 'x'.repeat(60_000);
    const request = `<iq type='set' id='1'><query xmlns='jabber:iq:register'><username>${name}</username></query></iq>`;
    const most = 600;
    client.socket.pause();
    let [written, idleTurns] = [0, 0];
    while (idleTurns < 1000 && written < most) {
      if (client.socket.writableNeedDrain) idleTurns++;
      else {
        client.socket.write(request);
        written++;
        idleTurns = 0;
      }
      await new Promise(setImmediate);
    }
    assert.ok(written < most, 'the gateway has answered 36 MB to a client that reads nothing');
    client.socket.resume();
    for (let answered = 0; answered < written; answered++) await client.hear('</iq>');
  });

  it('stops reading the server while the client does not read, and loses nothing', async () => {
    const { client, server, socket } = await asked();
    server.send(bindResult(jid));
    await client.hear('</jid>');
    const stanza = `<message><body>${'x'.repeat(60_000)}</body></message>`;
    const most = 600;
    client.socket.pause();
    let [written, idleTurns] = [0, 0];
    // Until the server cannot get rid of more for many turns of the event loop.
    while (idleTurns < 1000 && written < most) {
      if (socket.writableNeedDrain) idleTurns++;
      else {
        socket.write(stanza);
        written++;
        idleTurns = 0;
      }
      await new Promise(setImmediate);
    }
    assert.ok(written < most, 'the server could send 36 MB to a client that reads nothing');
    socket.end('</stream:stream>');
    let received = 0;
    client.socket.removeAllListeners('data').on('data', (chunk: Buffer) => (received += chunk.length));
    client.socket.resume();
    await once(client.socket, 'end');
    assert.equal(received, written * stanza.length + '</stream:stream>'.length);
  });
});
