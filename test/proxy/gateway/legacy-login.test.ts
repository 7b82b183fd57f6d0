// XEP-0078 at a server that offers it: what its answers prove, and what not.
import assert from 'node:assert/strict';
import { goodbyeReasons, identityStatuses } from '../../../shared/simpp/control.ts';
import { Prosody } from '../../../proxy/try/prosody.ts';
import { needs } from '../../run/needs.ts';
import { helloOf, newDevice } from '../../shared/simpp/exchange.ts';
import { login, ping, SimppClient } from './simpp-client.ts';
import { header } from './stranger.ts';
import { crypto, domain, World } from './world.ts';

const alice = `alice@${domain}`;
const accounts = [
  { name: 'alice', password: 'wonderland' },
  { name: 'mallory', password: 'thief' },
];
const legacy = (fields: string, attributes = ''): string =>
  `<iq type='set' id='x'${attributes}><query xmlns='jabber:iq:auth'>${fields}</query></iq>`;
const whole = (name: string, password: string): string =>
  legacy(`<username>${name}</username><password>${password}</password><resource>r</resource>`);

describe('a login by XEP-0078', () => {
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

  const open = async (hello = helloOf.register(newDevice(crypto, alice))) => {
    const client = await SimppClient.open(world.port, world.key, hello);
    client.send(header(domain));
    await client.hear('</stream:features>');
    return client;
  };

  it('confirms a registration when the password was right', async () => {
    const client = await open();
    client.send(whole('alice', 'wonderland'));
    await client.hear("id='x'");
    await ping(client, 'p1');
    assert.equal(identityStatuses[client.control('Identity')!.status], 'registered');
    assert.notEqual(await world.directory.account(alice), undefined);
  });

  it('confirms nothing without a password, with a wrong one, as a question or to somebody else', async () => {
    for (const attempt of [
      legacy('<username>alice</username>'),
      whole('alice', 'wrong'),
      whole('alice', 'wonderland').replace("type='set'", "type='get'"),
      legacy(
        '<username>alice</username><password>wonderland</password><resource>r</resource>',
        ` to='mallory@${domain}/r'`,
      ),
      legacy('<username>mallory</username><username>alice</username><password>thief</password><resource>r</resource>'),
    ]) {
      const client = await open();
      client.send(attempt);
      await client.hear("type='error'");
      assert.equal(client.control('Identity'), undefined, attempt);
      assert.equal(await world.directory.account(alice), undefined, attempt);
      // The stream is still watched: a registration is not for those who have not logged in.
      client.send("<iq type='set' id='r'><query xmlns='jabber:iq:register'><username>eve</username></query></iq>");
      await client.hear('<not-allowed ');
      client.socket.destroy();
    }
    assert.equal(world.counter('loginFailures'), 1);
  });

  it('as somebody else ends the channel', async () => {
    const client = await open();
    client.send(whole('mallory', 'thief'));
    await client.rest();
    assert.equal(goodbyeReasons[client.control('Goodbye')!.reason], 'jid-mismatch');
    assert.equal(await world.directory.account(alice), undefined);
  });
});

describe('two sessions of a thief who has the password', () => {
  needs('prosody');

  it('cannot make each other remove the directory entry of its owner', async () => {
    await using prosody = await Prosody.start({ domain, accounts });
    await using world = await World.start({ host: '127.0.0.1', port: prosody.port, tls: 'none' });
    const owner = await SimppClient.open(world.port, world.key, helloOf.register(newDevice(crypto, alice)));
    await login(owner, 'alice', 'wonderland');
    const guest = async () => {
      const client = await SimppClient.open(world.port, world.key, helloOf.guest(newDevice(crypto)));
      const jid = /<jid>([^<]+)</.exec(await login(client, 'alice', 'wonderland'))![1]!;
      return { client, jid };
    };
    const [one, two] = [await guest(), await guest()];
    one.client.send(`<iq type='set' id='r1' to='${two.jid}'><query xmlns='jabber:iq:register'><remove/></query></iq>`);
    await two.client.hear('jabber:iq:register');
    two.client.send(`<iq type='result' id='r1' to='${one.jid}'/>`);
    await one.client.hear("id='r1'");
    await ping(one.client, 'p1');
    assert.equal(world.counter('removals'), 0);
    assert.notEqual(await world.directory.account(alice), undefined);
  });
});
