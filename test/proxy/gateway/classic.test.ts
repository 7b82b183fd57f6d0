import assert from 'node:assert/strict';
import { startClassicClient } from '../../../shared/simpp/classic/client.ts';
import { classicC1Request } from '../../../shared/simpp/classic/messages.ts';
import { fetch, goodbyeReasons } from '../../../shared/simpp/control.ts';
import { systemEntropy } from '../../../shared/simpp/entropy.ts';
import type { PrivateKey } from '../../../shared/crypto/provider.ts';
import { Prosody } from '../../../proxy/try/prosody.ts';
import { needs } from '../../run/needs.ts';
import { helloOf, newDevice } from '../../shared/simpp/exchange.ts';
import { authenticate, login, OuterClient, ping, SimppClient } from './simpp-client.ts';
import { bytes, registration } from './registrations.ts';
import { crypto, domain, World } from './world.ts';

const alice = `alice@${domain}`;
const failure = "<failure xmlns='urn:simpp:stream:classic'/>";
const accounts = [
  { name: 'alice', password: 'wonderland' },
  { name: 'bob', password: 'builder' },
];

describe('a gateway of the classic profile', () => {
  needs('prosody');
  let prosody: Prosody;
  let world: World;
  before(async () => {
    prosody = await Prosody.start({ domain, accounts });
  });
  after(() => prosody?.[Symbol.asyncDispose]());
  beforeEach(async () => {
    const server = { host: '127.0.0.1', port: prosody.port, tls: 'none' } as const;
    world = await World.start(server, { profile: 'classic' });
  });
  afterEach(() => world?.[Symbol.asyncDispose]());

  async function open(krA: PrivateKey, register: boolean, idA = alice): Promise<SimppClient> {
    assert.ok(world.key.profile === 'classic');
    const outer = await OuterClient.open(world.port, 'classic');
    const kuS = world.key.key.publicKey;
    const session = await outer.run(
      startClassicClient({ crypto, entropy: systemEntropy(crypto), kuS, krA, idA, register }),
    );
    return new SimppClient(outer.channel(session));
  }

  it('registers as published, R3 and S1 back to back, and lets in again', async () => {
    const krA = crypto.p224.generate();
    const first = await open(krA, true);
    await login(first, 'alice', 'wonderland');
    await ping(first, 'p1');
    assert.deepEqual((await world.directory.classicAccount(alice))?.accountKey, krA.publicKey.bytes);
    await login(await open(krA, false), 'alice', 'wonderland');
  });

  it('refuses another account key for an ID that is taken, and an ID that it does not know', async () => {
    await open(crypto.p224.generate(), true);
    for (const register of [true, false]) {
      await assert.rejects(open(crypto.p224.generate(), register, register ? alice : `bob@${domain}`), {
        message: failure,
      });
    }
  });

  it('refuses an ID that is registered in simpp-2', async () => {
    await world.directory.register(registration({ jid: alice, accountKey: bytes(65) }));
    await assert.rejects(open(crypto.p224.generate(), true), { message: /^<failure/ });
    assert.equal(await world.directory.classicAccount(alice), undefined);
  });

  it('checks the JID as the other profile does', async () => {
    const client = await open(crypto.p224.generate(), true);
    await authenticate(client, 'bob', 'builder');
    await client.rest();
    assert.equal(goodbyeReasons[client.control('Goodbye')!.reason], 'jid-mismatch');
  });

  describe('asked for KU by C1 and C2 (docs/protocol.md §10.3)', () => {
    const bob = `bob@${domain}`;
    const ask = (client: SimppClient, request: number, jid: string): void =>
      client.socket.sendControl(classicC1Request.encode({ request, jid }));

    /** The answers that have come once the server has answered a ping, which follows them. */
    async function answers(client: SimppClient): Promise<readonly (readonly [number, Uint8Array])[]> {
      await ping(client, `p${client.controls.length}`);
      return client.controls.flatMap(({ name, values }) =>
        name === 'classic C1 answer' ? [[values.request, new Uint8Array(values.kuA)] as const] : [],
      );
    }

    it('gives that of a registered ID, and none for anybody else', async () => {
      const krA = crypto.p224.generate();
      await login(await open(krA, true), 'alice', 'wonderland');
      const client = await open(crypto.p224.generate(), true, bob);
      await login(client, 'bob', 'builder');
      const names = [alice, `carol@${domain}`, 'alice@elsewhere.test', domain, 'Alice@EXAMPLE.test', '@@'];
      for (const [request, name] of names.entries()) ask(client, request, name);
      const none = new Uint8Array(0);
      const keys = [krA.publicKey.bytes, none, none, none, none, none];
      assert.deepEqual(await answers(client), [...keys.entries()]);
    });

    it('gives none for an ID that has a registration of simpp-2 meanwhile', async () => {
      await login(await open(crypto.p224.generate(), true), 'alice', 'wonderland');
      await world.directory.register(registration({ jid: alice, accountKey: bytes(65) }));
      const client = await open(crypto.p224.generate(), true, bob);
      await login(client, 'bob', 'builder');
      ask(client, 1, alice);
      assert.deepEqual(await answers(client), [[1, new Uint8Array(0)]]);
    });

    it('ends the channel when it is asked before the login, and by a request of simpp-2', async () => {
      const early = await open(crypto.p224.generate(), true);
      ask(early, 1, alice);
      await assert.rejects(login(early, 'alice', 'wonderland'));
      const client = await open(crypto.p224.generate(), true, bob);
      await login(client, 'bob', 'builder');
      client.socket.sendControl(fetch.encode({ request: 1, jid: alice, oneTime: 0 }));
      await client.rest();
      assert.equal(goodbyeReasons[client.control('Goodbye')!.reason], 'protocol-error');
      assert.equal(client.control('Entry'), undefined);
    });
  });
});

describe('C1 in a channel of simpp-2', () => {
  needs('prosody');

  it('is out of its place and ends the channel', async () => {
    await using prosody = await Prosody.start({ domain, accounts });
    await using world = await World.start({ host: '127.0.0.1', port: prosody.port, tls: 'none' });
    const client = await SimppClient.open(world.port, world.key, helloOf.register(newDevice(crypto, alice)));
    await login(client, 'alice', 'wonderland');
    client.socket.sendControl(classicC1Request.encode({ request: 1, jid: alice }));
    await client.rest();
    assert.equal(goodbyeReasons[client.control('Goodbye')!.reason], 'protocol-error');
    assert.equal(client.control('classic C1 answer'), undefined);
  });
});
