import assert from 'node:assert/strict';
import { startClassicClient } from '../../../shared/simpp/classic/client.ts';
import { goodbyeReasons } from '../../../shared/simpp/control.ts';
import { systemEntropy } from '../../../shared/simpp/entropy.ts';
import type { PrivateKey } from '../../../shared/crypto/provider.ts';
import { Prosody } from '../../../proxy/try/prosody.ts';
import { needs } from '../../run/needs.ts';
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
});
