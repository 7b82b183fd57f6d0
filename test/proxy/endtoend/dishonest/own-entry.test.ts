// Directories that lie to somebody about their own account (docs/protocol.md
// §9.1, §9.8): an older list brings no device back, and an older prekey makes
// nobody believe that their database is a copy.
import assert from 'node:assert/strict';
import { toHex } from '../../../../shared/bytes.ts';
import { prekeyBody } from '../../../../shared/simpp/end-to-end-messages.ts';
import { signedObject } from '../../../../shared/simpp/messages.ts';
import { signPrekey } from '../../../../shared/simpp/prekey.ts';
import { crypto } from '../publishing-person.ts';
import { wrapsOf } from './bend.ts';
import type { Machine } from './machine.ts';
import { alice, bob, goesOn, partyOfTest, passed } from './party.ts';

const daySeconds = 24 * 3600;

describe('a directory that lies about one’s own account', () => {
  const party = partyOfTest();
  let a: Machine;
  let b: Machine;
  beforeEach(async () => {
    a = await party().open(alice);
    b = await party().open(bob);
    await goesOn(a, b);
  });

  it('by the list of before: a device that was removed gets nothing again', async () => {
    const phone = await party().open(bob);
    await b.person.desk.approveDevice(phone.deviceId);
    await phone.settled();
    await b.person.desk.devices();
    const old = party().carrier.bundle(bob);
    const receivers = async (): Promise<readonly string[]> =>
      wrapsOf(passed(bob, await b.write(alice, 'hello'))).map(({ deviceId }) => toHex(deviceId));
    assert.deepEqual((await receivers()).toSorted(), [a.deviceId, phone.deviceId].toSorted());
    await b.person.desk.removeDevice(phone.deviceId);
    assert.deepEqual(await receivers(), [a.deviceId]);
    party().carrier.lie(bob, () => ({ kind: 'bundle', bundle: old, waiting: [] }));
    await b.person.desk.devices();
    assert.deepEqual(await receivers(), [a.deviceId]);
    await goesOn(a, b);
  });

  it('by a prekey that was erased in time: sessions stay, and nobody is told of a restored copy', async () => {
    const { deviceId, signing } = b.identities.find(bob)!;
    const { epoch } = prekeyBody.decode(signedObject.decode(party().carrier.bundle(bob).devices[0]!.prekey!).body);
    const prekey = signPrekey(crypto, signing, {
      jid: bob,
      deviceId,
      id: 77,
      gY: crypto.p256.generate().publicKey.bytes,
      ek: crypto.mlKem768.generate().encapsulationKey.bytes,
      issued: Math.floor(party().clock.ms / 1000) - 40 * daySeconds,
      epoch,
    });
    const live = b.store.sessions.live(alice).length;
    party().carrier.lie(bob, (answer) => {
      if (answer.kind !== 'bundle') return answer;
      const devices = answer.bundle.devices.map((device) => ({ ...device, prekey }));
      return { ...answer, bundle: { ...answer.bundle, devices } };
    });
    await b.person.desk.devices();
    await b.settled();
    assert.deepEqual(b.told, []);
    assert.equal(b.store.sessions.live(alice).length, live);
    party().carrier.lie(bob);
    await goesOn(a, b);
  });
});
