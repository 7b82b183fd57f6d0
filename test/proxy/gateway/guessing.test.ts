// Strangers at a gateway whose server answers slowly or not at all: how many
// passwords they may try, and how many places they may hold for how long.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { EngineDependencies } from '../../../proxy/gateway/engine.ts';
import type { GatewayOptions } from '../../../proxy/gateway/options.ts';
import { helloOf, newDevice } from '../../shared/simpp/exchange.ts';
import { SimppClient } from './simpp-client.ts';
import { header, Stranger } from './stranger.ts';
import { crypto, domain, World } from './world.ts';

const opening =
  `<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='s' ` +
  `from='${domain}' version='1.0'><stream:features/>`;
const sasl = 'urn:ietf:params:xml:ns:xmpp-sasl';
const guess = (password: string): string =>
  `<auth xmlns='${sasl}' mechanism='PLAIN'>${Buffer.from(`\0alice\0${password}`).toString('base64')}</auth>`;

describe('strangers at a gateway', () => {
  let server: Server;
  const sockets = new Set<Socket>();
  let asked = 0;
  beforeEach(async () => {
    asked = 0;
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
      socket.on('data', (data) => {
        const text = data.toString();
        if (text.includes('<stream:stream')) socket.write(opening);
        if (text.includes('<auth')) asked++;
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  const start = (options: Partial<GatewayOptions>, deps: Partial<EngineDependencies>) => {
    const { port } = server.address() as AddressInfo; // of a TCP server
    return World.start({ host: '127.0.0.1', port, tls: 'none' }, options, deps);
  };
  const guest = async (world: World) => {
    const client = await SimppClient.open(world.port, world.key, helloOf.guest(newDevice(crypto)));
    client.send(header(domain));
    await client.hear('<stream:features/>');
    return client;
  };

  it('try no more passwords at the same moment than one after the other', async () => {
    const failuresByAccount = { capacity: 2, refillPerSecond: 0, maxKeys: 10 };
    await using world = await start({}, { throttle: { failuresByAccount } });
    const clients = [];
    for (let i = 0; i < 6; i++) clients.push(await guest(world));
    for (const [i, client] of clients.entries()) client.send(guess(`guess ${i}`));
    await Promise.all(clients.slice(2).map((client) => client.hear('<temporary-auth-failure')));
    for (const socket of sockets) socket.write(`<failure xmlns='${sasl}'><not-authorized/></failure>`);
    await Promise.all(clients.slice(0, 2).map((client) => client.hear('<not-authorized/>')));
    assert.equal(asked, 2);
    assert.equal(world.counter('loginFailures'), 2);
    const late = await guest(world);
    late.send(guess('right'));
    await late.hear('<temporary-auth-failure');
  });

  it('hold half of all places at most from one network, until they have logged in', async () => {
    const limits = { maxConnections: 4, maxStanzaBytes: 262_144 };
    await using world = await start({ limits }, { throttle: { loopback: true } });
    const [first] = [await guest(world), await guest(world)];
    assert.match(await (await Stranger.connect(world.port)).rest(), /Too many attempts/);
    first.socket.destroy();
    while (world.gateway.status().connections.simpp > 1) await new Promise(setImmediate);
    const next = await guest(world);
    next.send(guess('right'));
    while (asked < 1) await new Promise(setImmediate);
    for (const socket of sockets) socket.write(`<success xmlns='${sasl}'/>`);
    await next.hear('<success');
    next.send(`${header(domain)}<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>`);
    await next.hear('<stream:features/>');
    for (const socket of sockets) {
      socket.write(
        `<iq type='result' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>alice@${domain}/r</jid></bind></iq>`,
      );
    }
    await next.hear('</jid>');
    await guest(world);
  });

  it('have a minute to log in, and five to register where that is allowed', async () => {
    const timing = { loginMs: 50, registrationMs: 100_000 };
    await using world = await start({ allowRegistration: true }, { timing });
    const registering = await guest(world);
    registering.send("<iq type='get' id='1'><query xmlns='jabber:iq:register'/></iq>");
    const silent = await guest(world);
    assert.match(await silent.rest(), /<connection-timeout /);
    for (const socket of sockets) socket.write("<iq type='result' id='1'/>");
    await registering.hear("id='1'");
  });
});
