import assert from 'node:assert/strict';
import { once } from 'node:events';
import { toHex } from '../../../shared/bytes.ts';
import type { PrivateKey } from '../../../shared/crypto/provider.ts';
import {
  changed,
  fetch,
  goodbyeReasons,
  identityStatuses,
  publish,
  publishOutcomes,
  type Control,
} from '../../../shared/simpp/control.ts';
import { signRollover } from '../../../shared/simpp/rollover.ts';
import { oneTimeBody } from '../../../shared/simpp/end-to-end-messages.ts';
import { signedObject } from '../../../shared/simpp/messages.ts';
import type { Publication } from '../../../proxy/endtoend/directory.ts';
import { GatewayDirectory } from '../../../proxy/endtoend/gateway-directory.ts';
import { Prosody } from '../../../proxy/try/prosody.ts';
import { needs } from '../../run/needs.ts';
import { helloOf, newDevice, now, type TestDevice } from '../../shared/simpp/exchange.ts';
import { certifiedBy, listOf, oneTimeKeysOf, prekeyOf, sibling, tombstoneOf } from './key-material.ts';
import { login, ping, SimppClient } from './simpp-client.ts';
import { crypto, domain, World } from './world.ts';

const alice = `alice@${domain}`;
const bob = `bob@${domain}`;
const accounts = [
  { name: 'alice', password: 'wonderland' },
  { name: 'bob', password: 'builder' },
];
const passwords: Readonly<Record<string, string>> = { alice: 'wonderland', bob: 'builder' };

interface Connected {
  readonly client: SimppClient;
  readonly directory: GatewayDirectory;
}

describe("the gateway's directory of keys", function () {
  needs('prosody');
  this.timeout(40_000);
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

  /** Logs a device in, as its proxy would, and uses the channel for questions. */
  const connect = async (device: TestDevice, how: 'register' | 'login' = 'register'): Promise<Connected> => {
    const client = await SimppClient.open(world.port, world.key, helloOf[how](device));
    const user = device.jid.split('@')[0]!;
    await login(client, user, passwords[user]!);
    const directory = new GatewayDirectory({ domains: [domain] });
    directory.attach(client.socket);
    return { client, directory };
  };
  const publication = (device: TestDevice, changes: Partial<Publication> = {}): Publication => ({
    kuA: device.krA.publicKey.bytes,
    list: device.deviceList,
    certificates: [device.certificate],
    deviceId: device.deviceId,
    prekey: prekeyOf(device),
    ...changes,
  });
  const found = async ({ directory }: Connected, jid: string, oneTime = false) => {
    const answer = await directory.fetch(jid, oneTime);
    assert.ok(answer.kind === 'bundle');
    return answer;
  };
  const goodbyeOf = async ({ client }: Connected) => {
    await client.rest();
    return goodbyeReasons[client.control('Goodbye')?.reason ?? -1];
  };
  const outcomeOf = async ({ client }: Connected, values: Partial<Parameters<typeof publish.encode>[0]>) => {
    const nothing = new Uint8Array(0);
    const whole = { list: nothing, rollover: nothing, certificates: [], prekey: nothing, tombstone: nothing };
    client.socket.sendControl(publish.encode({ request: 9999, ...whole, ...values }));
    for (;;) {
      const [control] = (await once(client.socket, 'control')) as [Control];
      if (control.name === 'Published') return publishOutcomes[control.values.outcome];
    }
  };
  const nextChange = async ({ client }: Connected): Promise<string> => {
    for (;;) {
      const [control] = (await once(client.socket, 'control')) as [Control];
      if (control.name === 'Changed') return control.values.jid;
    }
  };

  it('gives another account what a device has published: list, certificate, prekey and one one-time key', async () => {
    const device = newDevice(crypto, alice);
    const a = await connect(device);
    const prekey = prekeyOf(device);
    const keys = oneTimeKeysOf(device, 3);
    assert.deepEqual(await a.directory.publish(publication(device, { prekey, oneTimeKeys: keys })), {
      kind: 'taken',
      oneTimeKeysLeft: 3,
    });
    const b = await connect(newDevice(crypto, bob));
    const { bundle, waiting } = await found(b, alice, true);
    assert.deepEqual(bundle.kuA, device.krA.publicKey.bytes);
    assert.deepEqual(bundle.list, device.deviceList);
    assert.deepEqual(bundle.devices, [
      { certificate: device.certificate, prekey, oneTime: keys[0], tombstone: undefined },
    ]);
    assert.deepEqual(waiting, []);
    assert.deepEqual((await found(b, alice)).bundle.devices[0]?.oneTime, undefined, 'not asked for');
  });

  it('says for certain that an account has no keys, and that other domains are not its matter', async () => {
    const a = await connect(newDevice(crypto, alice));
    assert.deepEqual(await a.directory.fetch(`nobody@${domain}`, true), { kind: 'none' });
    assert.deepEqual(await a.directory.fetch(domain, true), { kind: 'none' });
    for (const jid of ['bob@elsewhere.test', `${alice}/phone`, 'ALICE@example.test', '@']) {
      assert.equal((await a.directory.fetch(jid, true)).kind, 'failed', jid);
    }
    assert.equal(a.directory.covers(bob), true);
    assert.equal(a.directory.covers('bob@elsewhere.test'), false);
  });

  it('gives each one-time key to one asker only, and a bundle without one when there is none or too much was asked', async () => {
    const device = newDevice(crypto, alice);
    const a = await connect(device);
    await a.directory.publish(publication(device, { oneTimeKeys: oneTimeKeysOf(device, 4) }));
    const b = await connect(newDevice(crypto, bob));
    const answers = await Promise.all(Array.from({ length: 12 }, () => found(b, alice, true)));
    const given = answers.flatMap(({ bundle }) => bundle.devices.flatMap(({ oneTime }) => oneTime ?? []));
    assert.equal(given.length, 4);
    assert.equal(new Set(given.map(toHex)).size, 4);
    await a.directory.publish(publication(device, { oneTimeKeys: oneTimeKeysOf(device, 50, 100) }));
    // Five at once for one asker; there are keys, but not for it.
    const more = await Promise.all(Array.from({ length: 5 }, () => found(b, alice, true)));
    assert.ok(more.every(({ bundle }) => bundle.devices.length === 1 && bundle.devices[0]?.oneTime === undefined));
  });

  it('does not take one-time keys in again that it has given out', async () => {
    const device = newDevice(crypto, alice);
    const a = await connect(device);
    const keys = oneTimeKeysOf(device, 2);
    await a.directory.publish(publication(device, { oneTimeKeys: keys }));
    const b = await connect(newDevice(crypto, bob));
    const idOf = async () => {
      const { oneTime } = (await found(b, alice, true)).bundle.devices[0]!;
      return oneTime && oneTimeBody.decode(signedObject.decode(oneTime).body).id;
    };
    assert.equal(await idOf(), 1);
    const again = await a.directory.publish(publication(device, { oneTimeKeys: keys }));
    assert.deepEqual(again, { kind: 'taken', oneTimeKeysLeft: 1 });
    assert.deepEqual([await idOf(), await idOf()], [2, undefined]);
  });

  it('keeps a hundred one-time keys of a device and no more', async () => {
    const device = newDevice(crypto, alice);
    const a = await connect(device);
    const full = publication(device, { oneTimeKeys: oneTimeKeysOf(device, 100) });
    assert.deepEqual(await a.directory.publish(full), { kind: 'taken', oneTimeKeysLeft: 100 });
    const more = await a.directory.publish(publication(device, { oneTimeKeys: oneTimeKeysOf(device, 1, 500) }));
    assert.equal(more.kind, 'failed');
  });

  describe('refuses', () => {
    let device: TestDevice;
    let a: Connected;
    beforeEach(async () => {
      device = { ...newDevice(crypto, alice) };
      a = await connect(device);
      assert.equal((await a.directory.publish(publication(device))).kind, 'taken');
    });
    const stranger = newDevice(crypto, alice);
    const flip = (bytes: Uint8Array): Uint8Array =>
      bytes.map((byte, at) => (at === bytes.length - 40 ? byte ^ 1 : byte));

    it('what is not signed by whom it should be', async () => {
      const other = sibling(device);
      const refusals: Parameters<typeof outcomeOf>[1][] = [
        { list: flip(other.deviceList), certificates: [other.certificate] },
        { list: other.deviceList, certificates: [flip(other.certificate)] },
        { list: listOf({ jid: alice, krA: stranger.krA }, 9, [stranger]), certificates: [stranger.certificate] },
        { list: listOf({ jid: bob, krA: device.krA }, 9, [device]) },
        { prekey: flip(prekeyOf(device)) },
        { prekey: prekeyOf(device, { signer: stranger.krDs }) },
        { tombstone: flip(tombstoneOf(device)) },
        { prekey: crypto.randomBytes(1400) },
      ];
      for (const [at, values] of refusals.entries())
        assert.equal(await outcomeOf(a, values), 'refused', `number ${at}`);
      assert.deepEqual((await found(a, alice)).bundle.list, device.deviceList);
    });

    it('a prekey and one-time keys of another device, also of one of the same account', async () => {
      const other = sibling(device);
      await a.directory.publish(
        publication(device, { list: other.deviceList, certificates: [device.certificate, other.certificate] }),
      );
      assert.equal(await outcomeOf(a, { prekey: prekeyOf(other) }), 'refused');
      assert.equal(await outcomeOf(a, { prekey: prekeyOf(device, { deviceId: other.deviceId }) }), 'refused');
      const keys = await a.directory.publish(publication(device, { oneTimeKeys: oneTimeKeysOf(other, 2) }));
      assert.equal(keys.kind, 'refused');
    });

    it('certificates that the list does not name, of two devices with one id, or of a key that is another account’s', async () => {
      assert.equal(await outcomeOf(a, { list: device.deviceList, certificates: [stranger.certificate] }), 'refused');
      const other = sibling(device);
      const twice = certifiedBy(device, newDevice(crypto, alice), { deviceId: other.deviceId });
      const list = listOf(device, 3, [device, other, { certificate: twice }]);
      assert.equal(await outcomeOf(a, { list, certificates: [other.certificate, twice] }), 'refused');
      const bobs = newDevice(crypto, bob);
      await connect(bobs);
      const stolen = certifiedBy(device, bobs);
      const withStolen = listOf(device, 3, [device, { certificate: stolen }]);
      assert.equal(await outcomeOf(a, { list: withStolen, certificates: [stolen] }), 'refused');
      assert.deepEqual((await found(a, alice)).bundle.list, device.deviceList);
    });

    it('an older list, another list of the same version, and an older prekey', async () => {
      const newer = listOf(device, 5, [device]);
      assert.equal(await outcomeOf(a, { list: newer }), 'taken');
      assert.equal(await outcomeOf(a, { list: listOf(device, 4, [device]) }), 'refused');
      assert.equal(await outcomeOf(a, { list: listOf(device, 5, [device], { issued: now - 6 }) }), 'refused');
      assert.equal(await outcomeOf(a, { list: newer }), 'taken', 'the same bytes again');
      assert.equal(await outcomeOf(a, { prekey: prekeyOf(device, { issued: now - 100 }) }), 'refused');
      assert.equal(await outcomeOf(a, { prekey: prekeyOf(device, { issued: now + 10 * 86_400 }) }), 'refused');
      const anew = new GatewayDirectory({ domains: [domain] });
      anew.attach(a.client.socket);
      const answer = await anew.publish(publication(device));
      assert.match(answer.kind === 'refused' ? answer.reason : '', /device list 5/);
    });

    it('everything of a device that waits for approval, which may read all the same', async () => {
      const second = newDevice(crypto, alice);
      const waiting = await connect(second);
      assert.equal(await outcomeOf(waiting, { prekey: prekeyOf(second) }), 'refused');
      assert.equal(
        await outcomeOf(waiting, { list: second.deviceList, certificates: [second.certificate] }),
        'refused',
      );
      await a.directory.publish(publication(device, { oneTimeKeys: oneTimeKeysOf(device, 3) }));
      const own = await found(waiting, alice, true);
      assert.equal(own.bundle.devices[0]?.oneTime, undefined, 'no one-time keys for who waits');
      assert.deepEqual(own.waiting, [{ deviceId: second.deviceId, certificate: second.certificate }]);
      const b = await connect(newDevice(crypto, bob));
      assert.deepEqual((await found(b, alice)).waiting, [], 'nobody else sees it');
    });

    it('what comes in a channel of a guest, and ends a channel in which it comes before the login', async () => {
      const guest = await SimppClient.open(world.port, world.key, helloOf.guest(newDevice(crypto)));
      await login(guest, 'bob', 'builder');
      const asked = new GatewayDirectory({ domains: [domain] });
      asked.attach(guest.socket);
      assert.equal((await asked.fetch(alice, false)).kind, 'failed');
      assert.equal((await asked.publish(publication(device))).kind, 'refused');
      await ping(guest, 'p1');
      const early = await SimppClient.open(world.port, world.key, helloOf.login(device));
      early.send(' ');
      early.socket.sendControl(fetch.encode({ request: 1, jid: alice, oneTime: 0 }));
      early.socket.once('error', () => undefined);
      await early.rest();
      assert.equal(early.control('Entry'), undefined);
    });
  });

  it('takes a list with 32 devices whose certificates need several messages, and no 33rd certificate', async () => {
    const device = newDevice(crypto, alice);
    const a = await connect(device);
    const others = Array.from({ length: 31 }, () => newDevice(crypto, alice, device.krA));
    const all = [device, ...others];
    const certificates = all.map(({ certificate }) => certificate);
    const list = listOf(device, 2, all);
    assert.equal((await a.directory.publish(publication(device, { list, certificates }))).kind, 'taken');
    assert.equal((await found(a, alice)).bundle.devices.length, 32);
    // By hand, a certificate at a time, the list last.
    const next = listOf(device, 3, all);
    for (const certificate of certificates) assert.equal(await outcomeOf(a, { certificates: [certificate] }), 'taken');
    assert.equal(await outcomeOf(a, { list: next }), 'taken');
    for (const certificate of certificates) assert.equal(await outcomeOf(a, { certificates: [certificate] }), 'taken');
    assert.equal(await outcomeOf(a, { list: listOf(device, 4, all), certificates: [device.certificate] }), 'refused');
    assert.deepEqual((await found(a, alice)).bundle.list, next);
  });

  it('does not grow with ten thousand devices that one account lists one after the other', async function () {
    this.timeout(60_000);
    const device = newDevice(crypto, alice);
    await connect(device);
    const { keys } = world.directory;
    const account = (await world.directory.account(alice))!;
    const own = (await world.directory.deviceByAgreementKey(device.krDd.publicKey.bytes))!;
    // Past the signatures, which would take minutes: what the directory itself keeps.
    for (let version = 2; version < 324; version++) {
      const devices = Array.from({ length: 31 }, () => ({
        deviceId: crypto.randomBytes(16),
        agreementKey: crypto.randomBytes(65),
        signingKey: crypto.randomBytes(65),
        certificate: crypto.randomBytes(50),
        certificateName: crypto.randomBytes(32),
        notAfter: now,
      }));
      const result = await keys.publish({
        jid: alice,
        agreementKey: own.agreementKey,
        list: {
          ...account,
          listVersion: version,
          certificateNames: [own.certificateName, ...devices.map(({ certificateName }) => certificateName)],
          devices,
        },
        rollover: undefined,
        prekey: undefined,
        tombstone: undefined,
        at: now,
      });
      assert.equal(result.outcome, 'taken');
    }
    assert.equal((await world.directory.devices(alice)).length, 64);
  });

  it('tells who has asked, and the own other channels, that an entry has changed; once, and not without a change', async () => {
    const device = newDevice(crypto, alice);
    const a = await connect(device);
    const again = await connect(device, 'login');
    const b = await connect(newDevice(crypto, bob));
    assert.equal((await b.directory.fetch(alice, false)).kind, 'bundle');
    const heard = [nextChange(again), nextChange(b)];
    const prekey = prekeyOf(device);
    await a.directory.publish(publication(device, { prekey }));
    assert.deepEqual(await Promise.all(heard), [alice, alice]);
    assert.equal(await outcomeOf(a, { prekey }), 'taken');
    assert.equal((await b.directory.fetch(alice, false)).kind, 'bundle');
    const changes = b.client.controls.filter(({ name }) => name === 'Changed');
    assert.equal(changes.length, 1);
    assert.equal(a.client.control('Changed'), undefined, 'not to the one who published');
    assert.deepEqual(changes[0]?.values, changed.decode(changed.encode({ jid: alice })));
  });

  it('ends the channels of a device at once that a newer list does not name', async () => {
    const device = newDevice(crypto, alice);
    const phone = sibling(device);
    const a = await connect(device);
    const lost = await connect(phone);
    await found(lost, alice);
    assert.equal(await outcomeOf(a, { list: listOf(device, 3, [device]) }), 'taken');
    assert.equal(await goodbyeOf(lost), 'policy');
    await assert.rejects(SimppClient.open(world.port, world.key, helloOf.login(phone)));
    await ping(a.client, 'p1');
  });

  it('answers a device that takes itself off the list, and then ends its channel', async () => {
    const device = newDevice(crypto, alice);
    const a = await connect(device);
    assert.equal(await outcomeOf(a, { list: listOf(device, 2, []) }), 'taken');
    assert.equal(await goodbyeOf(a), 'policy');
  });

  it('lists a waiting device by a certificate of the account, in its running channel and from then on', async () => {
    const device = newDevice(crypto, alice);
    const a = await connect(device);
    const second = newDevice(crypto, alice);
    const waiting = await connect(second);
    assert.equal(identityStatuses[waiting.client.control('Identity')!.status], 'pending');
    const [request] = (await found(a, alice)).waiting;
    assert.deepEqual(request, { deviceId: second.deviceId, certificate: second.certificate });
    const certificate = certifiedBy(device, second);
    const list = listOf(device, 2, [device, { certificate }]);
    const told = nextChange(waiting);
    assert.equal(await outcomeOf(a, { list, certificates: [device.certificate, certificate] }), 'taken');
    assert.equal(await told, alice);
    const { bundle } = await found(waiting, alice);
    assert.ok(bundle.devices.some((each) => toHex(each.certificate) === toHex(certificate)));
    assert.equal(await outcomeOf(waiting, { prekey: prekeyOf(second) }), 'taken');
    const statusAt = async (how: 'register' | 'login') =>
      identityStatuses[(await connect(second, how)).client.control('Identity')!.status];
    assert.equal(await statusAt('login'), 'known');
    assert.equal(await statusAt('register'), 'registered', 'with the account key that it made for itself');
    assert.deepEqual((await world.directory.account(alice))?.accountKey, device.krA.publicKey.bytes);
  });

  it('takes the list of a waiting device that has the account key, if it names that device', async () => {
    const device = newDevice(crypto, alice);
    await connect(device);
    const second = newDevice(crypto, alice);
    const waiting = await connect(second);
    const certificate = certifiedBy(device, second);
    const certificates = [device.certificate, certificate];
    const without = listOf(device, 2, [device]);
    assert.equal(await outcomeOf(waiting, { list: without, certificates: [device.certificate] }), 'refused');
    assert.equal((await world.directory.account(alice))?.listVersion, 1, 'nothing of it is kept');
    const list = listOf(device, 2, [device, { certificate }]);
    assert.equal(await outcomeOf(waiting, { list, certificates, prekey: prekeyOf(second) }), 'taken');
    const { bundle } = await found(waiting, alice);
    assert.equal(bundle.devices.filter(({ prekey }) => prekey !== undefined).length, 1);
    assert.equal(bundle.devices.length, 2);
  });

  it('keeps a tombstone, and takes no prekey of a device that has retired', async () => {
    const device = newDevice(crypto, alice);
    const a = await connect(device);
    await a.directory.publish(publication(device, { oneTimeKeys: oneTimeKeysOf(device, 3) }));
    const tombstone = tombstoneOf(device);
    assert.equal(await outcomeOf(a, { tombstone }), 'taken');
    assert.equal(await outcomeOf(a, { prekey: prekeyOf(device, { issued: now + 1 }) }), 'refused');
    const b = await connect(newDevice(crypto, bob));
    assert.deepEqual((await found(b, alice, true)).bundle.devices, [
      { certificate: device.certificate, prekey: undefined, oneTime: undefined, tombstone },
    ]);
  });

  describe('when the account key is replaced', () => {
    const next = newDevice(crypto, alice);
    const rolloverBy = (krA: PrivateKey): Uint8Array =>
      signRollover(crypto, krA, {
        jid: alice,
        kuA: krA.publicKey.bytes,
        nextKuA: next.krA.publicKey.bytes,
        issued: now,
      });

    it('takes the list of the key that the old one names, together with the rollover, and shows both', async () => {
      const device = newDevice(crypto, alice);
      const a = await connect(device);
      const renewed = { ...device, krA: next.krA };
      const certificate = certifiedBy(renewed, device);
      const list = listOf(renewed, 1, [{ certificate }]);
      assert.equal(await outcomeOf(a, { list, certificates: [certificate] }), 'refused');
      const rollover = rolloverBy(device.krA);
      assert.equal(await outcomeOf(a, { list, certificates: [certificate], rollover }), 'taken');
      const { bundle } = await found(a, alice);
      assert.deepEqual(bundle.kuA, next.krA.publicKey.bytes);
      assert.deepEqual(bundle.rollover, rollover);
      await ping(a.client, 'p1');
    });

    it('lets the named key register, whose entry takes the place of the old one', async () => {
      const device = newDevice(crypto, alice);
      const a = await connect(device);
      assert.equal(await outcomeOf(a, { rollover: rolloverBy(newDevice(crypto, alice).krA) }), 'refused');
      assert.equal(await outcomeOf(a, { rollover: rolloverBy(device.krA) }), 'taken');
      const b = await connect(next);
      assert.equal(identityStatuses[b.client.control('Identity')!.status], 'registered');
      assert.equal(await goodbyeOf(a), 'policy');
      assert.deepEqual((await found(b, alice)).bundle.kuA, next.krA.publicKey.bytes);
    });
  });
});
