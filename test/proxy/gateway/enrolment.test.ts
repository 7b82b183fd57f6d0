import assert from 'node:assert/strict';
import { goodbyeReasons, identityStatuses } from '../../../shared/simpp/control.ts';
import { Prosody } from '../../../proxy/try/prosody.ts';
import { needs } from '../../run/needs.ts';
import { helloOf, newDevice } from '../../shared/simpp/exchange.ts';
import { login, ping, SimppClient } from './simpp-client.ts';
import { header } from './stranger.ts';
import { crypto, domain, World } from './world.ts';

const alice = `alice@${domain}`;
const accounts = [{ name: 'alice', password: 'wonderland' }];

describe("enrolment inside a guest's channel", () => {
  needs('prosody');
  let prosody: Prosody;
  let world: World;
  before(async () => {
    prosody = await Prosody.start({ domain, accounts });
  });
  after(() => prosody?.[Symbol.asyncDispose]());
  beforeEach(async () => {
    world = await World.start({ host: '127.0.0.1', port: prosody.port, tls: 'none' });
  });
  afterEach(() => world?.[Symbol.asyncDispose]());

  const guest = () => SimppClient.open(world.port, world.key, helloOf.guest(newDevice(crypto)));
  const loggedIn = async () => {
    const client = await guest();
    await login(client, 'alice', 'wonderland');
    return client;
  };
  const status = (client: SimppClient) => identityStatuses[client.control('Identity')?.status ?? -1];

  it('registers the device the first time, knows it later, and goes on under new keys', async () => {
    const device = newDevice(crypto, alice);
    const first = await loggedIn();
    assert.equal(await first.enrol(world.key, helloOf.register(device)), true);
    assert.equal(status(first), 'registered');
    await ping(first, 'p1');
    await ping(first, 'p2');
    const later = await loggedIn();
    assert.equal(await later.enrol(world.key, helloOf.login(device)), true);
    assert.equal(status(later), 'known');
    await ping(later, 'p1');
    assert.equal(world.counter('enrolments'), 2);
  });

  it('keeps the order of records while the server sends', async () => {
    const client = await loggedIn();
    client.send('<presence/>');
    for (let i = 0; i < 50; i++) client.send(`<message to='${alice}' id='m${i}'><body>${i}</body></message>`);
    assert.equal(await client.enrol(world.key, helloOf.register(newDevice(crypto, alice))), true);
    await client.hear('<body>49</body>');
  });

  it('takes a registration after a login that the directory does not know', async () => {
    const device = newDevice(crypto, alice);
    const client = await loggedIn();
    assert.equal(await client.enrol(world.key, helloOf.login(device)), false);
    assert.equal(await client.enrol(world.key, helloOf.register(device)), true);
    assert.equal(status(client), 'registered');
    // And no more than that.
    assert.equal(await client.enrol(world.key, helloOf.login(device)), false);
    await ping(client, 'p1');
  });

  it('is refused before the server has bound a JID, and the login goes on', async () => {
    const client = await guest();
    assert.equal(await client.enrol(world.key, helloOf.register(newDevice(crypto, alice))), false);
    await login(client, 'alice', 'wonderland');
    assert.equal(await world.directory.countAccounts(), 0);
  });

  it('is not refused for ever: what comes again and again out of its place ends the channel', async () => {
    const client = await guest();
    client.send(header(domain));
    await client.hear('</stream:features>');
    const hello = helloOf.register(newDevice(crypto, alice));
    assert.equal(await client.enrol(world.key, hello), false);
    assert.equal(await client.enrol(world.key, hello), false);
    await client.rest();
    assert.equal(client.controls.filter(({ name }) => name === 'EnrolRefused').length, 1);
    assert.equal(goodbyeReasons[client.control('Goodbye')!.reason], 'protocol-error');
  });

  it('is refused for another JID than the bound one, and the login goes on', async () => {
    const client = await loggedIn();
    assert.equal(await client.enrol(world.key, helloOf.register(newDevice(crypto, `bob@${domain}`))), false);
    await ping(client, 'p1');
    assert.equal(await world.directory.countAccounts(), 0);
  });

  it("is refused for a device of another JID, whose key is a guest's", async () => {
    const device = newDevice(crypto, alice);
    await (await loggedIn()).enrol(world.key, helloOf.register(device));
    const client = await loggedIn();
    assert.equal(await client.enrol(world.key, helloOf.login({ ...device, jid: `bob@${domain}` })), false);
    await ping(client, 'p1');
  });

  it('makes a second account key pending, and its login goes on', async () => {
    await (await loggedIn()).enrol(world.key, helloOf.register(newDevice(crypto, alice)));
    const second = await loggedIn();
    assert.equal(await second.enrol(world.key, helloOf.register(newDevice(crypto, alice))), true);
    assert.equal(status(second), 'pending');
    await ping(second, 'p1');
  });

  it('ends the channel when M3 is wrong', async () => {
    const client = await loggedIn();
    const wrong = (m3: Uint8Array): Uint8Array => m3.map((byte, at) => (at === m3.length - 1 ? byte ^ 1 : byte));
    assert.equal(await client.enrol(world.key, helloOf.register(newDevice(crypto, alice)), wrong), false);
    await client.rest();
    assert.equal(goodbyeReasons[client.control('Goodbye')!.reason], 'protocol-error');
    assert.equal(await world.directory.countAccounts(), 0);
  });

  it('is not for channels that were opened with an identity', async () => {
    const device = newDevice(crypto, alice);
    const client = await SimppClient.open(world.port, world.key, helloOf.register(device));
    await login(client, 'alice', 'wonderland');
    assert.equal(await client.enrol(world.key, helloOf.login(device)), false);
    assert.equal(goodbyeReasons[client.control('Goodbye')!.reason], 'protocol-error');
  });
});

describe('an ANONYMOUS login', () => {
  needs('prosody');

  it('is never enrolled', async () => {
    await using prosody = await Prosody.start({ domain, authentication: 'anonymous' });
    await using world = await World.start({ host: '127.0.0.1', port: prosody.port, tls: 'none' });
    const client = await SimppClient.open(world.port, world.key, helloOf.guest(newDevice(crypto)));
    client.send(header(domain));
    await client.hear('</stream:features>');
    client.send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>");
    await client.hear('<success');
    client.send(`${header(domain)}<iq type='set' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>`);
    const jid = /<jid>([^/]+)/.exec(await client.hear('</jid>'))![1]!;
    assert.equal(await client.enrol(world.key, helloOf.register(newDevice(crypto, jid))), false);
    await ping(client, 'p1');
    assert.equal(await world.directory.countAccounts(), 0);
  });
});
