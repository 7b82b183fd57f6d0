// Reaching the server for a client that is to be spliced, within the time that a
// stranger has: what is late must not stay behind.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { header, Stranger } from './stranger.ts';
import { domain, World } from './world.ts';

const features = `<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='s' version='1.0'><stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>`;

describe('a client without SIMPP whose server is slow', () => {
  it('leaves no connection to the server behind', async () => {
    const arrivals: Socket[] = [];
    let closed = 0;
    const allClosed = Promise.withResolvers<void>();
    const server = createServer((socket) => {
      arrivals.push(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => ++closed === 2 && allClosed.resolve());
      // The answer to <starttls/> never comes.
      socket.on('data', (data) => data.includes('<stream:stream') && socket.write(features));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo; // of a TCP server
    {
      const timing = { establishMs: 100, connectMs: 60_000, lingerMs: 50 };
      await using world = await World.start({ host: '127.0.0.1', port, tls: 'starttls' }, {}, { timing });
      const client = await Stranger.connect(world.port);
      client.send(header(domain));
      await client.hear('</stream:features>');
      client.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
      assert.match(await client.rest(), /<remote-connection-failed /);
      // Gone itself before the server has answered.
      const hasty = await Stranger.connect(world.port);
      hasty.send(header(domain));
      await hasty.hear('</stream:features>');
      hasty.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
      // On a busy machine the gateway may not even have asked yet.
      while (arrivals.length < 2) await new Promise(setImmediate);
      hasty.stream.destroy();
      await allClosed.promise;
      while (world.gateway.status().connections.opening > 0) await new Promise(setImmediate);
    }
    assert.equal(arrivals.length, 2);
    server.close();
  });
});
