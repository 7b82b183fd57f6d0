import assert from 'node:assert/strict';
import { goodbyeReasons, identityStatuses } from '../../../shared/simpp/control.ts';
import { Prosody } from '../../../proxy/try/prosody.ts';
import { needs } from '../../run/needs.ts';
import { helloOf, newDevice } from '../../shared/simpp/exchange.ts';
import { authenticate, byteByByte, login, ping, SimppClient } from './simpp-client.ts';
import { header } from './stranger.ts';
import { crypto, domain, World } from './world.ts';

const alice = `alice@${domain}`;
const accounts = [
  { name: 'alice', password: 'wonderland' },
  { name: 'bob', password: 'builder' },
];

describe('a SIMPP channel to a real server', () => {
  needs('prosody');
  let prosody: Prosody;
  let world: World;
  before(async () => {
    prosody = await Prosody.start({ domain, accounts, legacyAuth: 'beside', registration: true });
  });
  after(() => prosody?.[Symbol.asyncDispose]());
  beforeEach(async () => {
    world = await World.start({ host: '127.0.0.1', port: prosody.port, tls: 'none' });
  });
  afterEach(() => world?.[Symbol.asyncDispose]());

  const status = (client: SimppClient) => identityStatuses[client.control('Identity')?.status ?? -1];
  const reason = (client: SimppClient) => goodbyeReasons[client.control('Goodbye')?.reason ?? -1];

  it('registers a device when the server has bound its JID, and not before', async () => {
    const device = newDevice(crypto, alice);
    const client = await SimppClient.open(world.port, world.key, helloOf.register(device));
    assert.equal(await world.directory.account(alice), undefined);
    await authenticate(client, 'alice', 'wonderland');
    assert.match(await client.hear('</jid>'), /alice@example\.test\//);
    assert.equal(status(client), 'registered', 'Identity came before the bind result');
    assert.deepEqual((await world.directory.account(alice))?.accountKey, device.krA.publicKey.bytes);
    assert.equal(world.gateway.status().connections.simpp, 1);
  });

  it('lets a registered device in again, and tells it the highest state epoch', async () => {
    const device = newDevice(crypto, alice);
    const hello = helloOf.register(device);
    assert.ok(hello.kind === 'register');
    const first = await SimppClient.open(world.port, world.key, { ...hello, stateEpoch: 7 });
    await login(first, 'alice', 'wonderland');
    const again = await SimppClient.open(world.port, world.key, helloOf.login(device));
    await login(again, 'alice', 'wonderland');
    assert.equal(status(again), 'known');
    assert.equal(again.control('Identity')?.stateEpoch, 7);
    assert.equal(again.control('Identity')?.listVersion, 1);
    assert.equal(world.counter('logins'), 1);
  });

  it('registers by a XEP-0078 login too', async () => {
    const client = await SimppClient.open(world.port, world.key, helloOf.register(newDevice(crypto, alice)));
    client.send(header(domain));
    await client.hear('</stream:features>');
    client.send(
      "<iq type='set' id='a1'><query xmlns='jabber:iq:auth'><username>Alice</username><password>wonderland</password>" +
        '<resource>old</resource></query></iq>',
    );
    await client.hear("id='a1'");
    assert.equal(status(client), 'registered');
    assert.notEqual(await world.directory.account(alice), undefined);
  });

  it('is not misled by a harmless answer with the id of a failing XEP-0078 login', async () => {
    const client = await SimppClient.open(world.port, world.key, helloOf.register(newDevice(crypto, alice)));
    client.send(header(domain));
    await client.hear('</stream:features>');
    client.send(
      "<iq type='get' id='x'><query xmlns='jabber:iq:auth'><username>alice</username></query></iq>" +
        "<iq type='set' id='x'><query xmlns='jabber:iq:auth'><username>alice</username><password>wrong</password>" +
        '<resource>r</resource></query></iq>',
    );
    await client.hear("type='error'");
    assert.equal(await world.directory.account(alice), undefined);
    assert.equal(world.counter('loginFailures'), 1);
  });

  it("stores nothing when somebody else's ID is registered, and does not deliver the bind result", async () => {
    const client = await SimppClient.open(world.port, world.key, helloOf.register(newDevice(crypto, alice)));
    await authenticate(client, 'bob', 'builder');
    const rest = await client.rest();
    assert.equal(reason(client), 'jid-mismatch');
    assert.doesNotMatch(rest, /bob@/);
    assert.equal(await world.directory.account(alice), undefined);
    assert.equal(await world.directory.account(`bob@${domain}`), undefined);
    assert.equal(world.counter('jidMismatches'), 1);
  });

  it("closes a device's channel when its owner logs in as somebody else", async () => {
    const device = newDevice(crypto, alice);
    const own = await SimppClient.open(world.port, world.key, helloOf.register(device));
    await login(own, 'alice', 'wonderland');
    const other = await SimppClient.open(world.port, world.key, helloOf.login(device));
    await authenticate(other, 'bob', 'builder');
    await other.rest();
    assert.equal(reason(other), 'jid-mismatch');
    await ping(own, 'still-here');
  });

  it('lets a second account key in with the right password, as pending', async () => {
    const first = newDevice(crypto, alice);
    await login(await SimppClient.open(world.port, world.key, helloOf.register(first)), 'alice', 'wonderland');
    const stranger = newDevice(crypto, alice);
    const client = await SimppClient.open(world.port, world.key, helloOf.register(stranger));
    await login(client, 'alice', 'wonderland');
    assert.equal(status(client), 'pending');
    await ping(client, 'p1');
    assert.deepEqual((await world.directory.account(alice))?.accountKey, first.krA.publicKey.bytes);
    const again = await SimppClient.open(world.port, world.key, helloOf.login(stranger));
    await login(again, 'alice', 'wonderland');
    assert.equal(status(again), 'pending');
  });

  it('serves a client that sends its bytes one by one', async () => {
    const hello = helloOf.register(newDevice(crypto, alice));
    const client = await SimppClient.open(world.port, world.key, hello, byteByByte);
    await login(client, 'alice', 'wonderland');
    assert.equal(status(client), 'registered');
  });

  it('takes authentication, header and bind in one piece', async () => {
    const client = await SimppClient.open(world.port, world.key, helloOf.guest(newDevice()));
    const plain = Buffer.from('\0alice\0wonderland').toString('base64');
    client.send(
      `${header(domain)}<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${plain}</auth>` +
        `${header(domain)}<iq type='set' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>` +
        `<iq type='get' id='p1' to='${domain}'><ping xmlns='urn:xmpp:ping'/></iq>`,
    );
    await client.hear('</jid>');
    await client.hear("id='p1'");
  });

  it('passes a long stanza unchanged in both directions, and refuses one that is too long', async () => {
    const client = await SimppClient.open(world.port, world.key, helloOf.guest(newDevice()));
    const jid = /<jid>([^<]+)/.exec(await login(client, 'alice', 'wonderland'))![1]!;
    const body = 'né &amp; &lt;x '.repeat(15_000);
    client.send(`<message to='${jid}' id='m1'><body>${body}</body></message>`);
    const heard = await client.hear('</body>');
    assert.equal(Buffer.from(heard, 'latin1').toString().includes(body), true);
    client.send(`<message to='${jid}' id='m2'><body>${'x'.repeat(300_000)}</body></message>`);
    assert.match(await client.rest(), /<policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'\/>/);
  });

  it('hides what would hide the login, and refuses it when it is used all the same', async () => {
    for (const element of [
      "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
      "<compress xmlns='http://jabber.org/protocol/compress'><method>zlib</method></compress>",
      "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'/>",
    ]) {
      const client = await SimppClient.open(world.port, world.key, helloOf.guest(newDevice()));
      client.send(header(domain));
      await client.hear('</stream:features>');
      client.send(element);
      assert.match(await client.rest(), /<policy-violation .*<\/stream:stream>$/);
    }
  });

  it('answers XEP-0077 before a login with an error', async () => {
    const client = await SimppClient.open(world.port, world.key, helloOf.guest(newDevice()));
    client.send(header(domain));
    await client.hear('</stream:features>');
    client.send(
      "<iq type='set' id='r1'><query xmlns='jabber:iq:register'><username>eve</username><password>x</password></query></iq>",
    );
    assert.match(await client.hear('</iq>'), /type='error' id='r1'.*<not-allowed /);
  });

  it('forgets a JID whose account the server has removed', async () => {
    const carol = `carol@${domain}`;
    const open = await World.start({ host: '127.0.0.1', port: prosody.port, tls: 'none' }, { allowRegistration: true });
    await using _ = open;
    const client = await SimppClient.open(open.port, open.key, helloOf.register(newDevice(crypto, carol)));
    client.send(header(domain));
    await client.hear('</stream:features>');
    client.send(
      "<iq type='set' id='r1'><query xmlns='jabber:iq:register'><username>carol</username><password>x</password></query></iq>",
    );
    await client.hear("id='r1'");
    const plain = Buffer.from('\0carol\0x').toString('base64');
    client.send(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${plain}</auth>`);
    await client.hear('<success');
    client.send(`${header(domain)}<iq type='set' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>`);
    await client.hear('</jid>');
    assert.notEqual(await open.directory.account(carol), undefined);
    client.send("<iq type='set' id='r2'><query xmlns='jabber:iq:register'><remove/></query></iq>");
    await client.rest();
    assert.equal(await open.directory.account(carol), undefined);
  });

  it('slows down an account whose logins fail, but not the owner of one of its devices', async () => {
    const limits = { capacity: 2, refillPerSecond: 0, maxKeys: 10 };
    const server = { host: '127.0.0.1', port: prosody.port, tls: 'none' } as const;
    await using strict = await World.start(server, {}, { throttle: { failuresByAccount: limits } });
    const device = newDevice(crypto, alice);
    await login(await SimppClient.open(strict.port, strict.key, helloOf.register(device)), 'alice', 'wonderland');
    const stranger = await SimppClient.open(strict.port, strict.key, helloOf.guest(newDevice()));
    stranger.send(header(domain));
    await stranger.hear('</stream:features>');
    const auth = (password: string) =>
      `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${Buffer.from(`\0alice\0${password}`).toString('base64')}</auth>`;
    for (const password of ['a', 'b']) {
      stranger.send(auth(password));
      assert.match(await stranger.hear('</failure>'), /not-authorized/);
    }
    stranger.send(auth('wonderland'));
    assert.match(await stranger.hear('</failure>'), /temporary-auth-failure/);
    const owner = await SimppClient.open(strict.port, strict.key, helloOf.login(device));
    await login(owner, 'alice', 'wonderland');
  });

  it('passes the end of a stream in both directions', async () => {
    const client = await SimppClient.open(world.port, world.key, helloOf.guest(newDevice()));
    await login(client, 'alice', 'wonderland');
    client.send('</stream:stream>');
    assert.match(await client.rest(), /<\/stream:stream>$/);
    assert.equal(client.socket.errored, null, 'a close record came');
  });

  it('says goodbye when it stops, within its time', async () => {
    const client = await SimppClient.open(world.port, world.key, helloOf.guest(newDevice()));
    await login(client, 'alice', 'wonderland');
    const stopped = world.gateway.stop();
    await client.rest();
    client.socket.end();
    await stopped;
    assert.equal(reason(client), 'shutdown');
    assert.equal(client.socket.errored, null);
  });
});

describe('a SIMPP channel whose server is away', () => {
  it('says so in a goodbye, and only after the client has spoken', async () => {
    await using world = await World.start({ host: '127.0.0.1', port: 1, tls: 'none' });
    const client = await SimppClient.open(world.port, world.key, helloOf.guest(newDevice()));
    await new Promise(setImmediate);
    assert.deepEqual(client.controls, []);
    client.send(header(domain));
    await client.rest();
    assert.equal(goodbyeReasons[client.control('Goodbye')!.reason], 'server-unreachable');
    assert.equal(client.socket.errored, null);
  });
});
