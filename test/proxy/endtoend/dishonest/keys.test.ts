// Directories that lie about who somebody is (docs/protocol.md §9.1; design §3):
// swapped account keys, old lists, two lists, ghosts, broken bundles. Nothing is
// sealed for whom the account key has not listed, and nothing leaves in clear.
import assert from 'node:assert/strict';
import type { Found, RawBundle } from '../../../../proxy/endtoend/directory.ts';
import { toHex } from '../../../../shared/bytes.ts';
import { certificateHash, signDeviceList } from '../../../../shared/simpp/certificate.ts';
import { deviceListBody, signedObject } from '../../../../shared/simpp/messages.ts';
import { crypto, PublishingPerson } from '../publishing-person.ts';
import { flipped, wrapsOf } from './bend.ts';
import { Carrier } from './carrier.ts';
import type { Became, Machine } from './machine.ts';
import { alice, bob, bodies, goesOn, partyOfTest, passed, say } from './party.ts';

const word = 'the heron stands in the reeds';
const dayMs = 24 * 3600 * 1000;
const found = (bundle: RawBundle): Found => ({ kind: 'bundle', bundle, waiting: [] });
const digitsOf = (machine: Machine): string => machine.person.desk.status().fingerprint!;
/** How often the person was told so, beside what is said of each message that was not sent. */
const toldOf = (machine: Machine, what: RegExp): number =>
  machine.told.filter((each) => what.test(each) && !each.includes('was not sent')).length;

/** It went nowhere; the client was told why. */
function refused({ up, down }: Became, why: RegExp): void {
  assert.deepEqual(up, []);
  assert.equal(down.length, 1);
  assert.match(down[0]!, /type='error'/);
  assert.match(down[0]!, why);
}

describe('a directory that lies about who somebody is', () => {
  const party = partyOfTest();
  let a: Machine;
  let b: Machine;
  beforeEach(async () => {
    a = await party().open(alice);
    b = await party().open(bob);
  });

  /** Somebody with another account key at alice's address, and what their directory would say. */
  const impostor = async (): Promise<{ readonly machine: Machine; readonly bundle: RawBundle }> => {
    const carrier = new Carrier();
    carrier.lie(bob, () => party().carrier.truth(bob));
    const machine = await party().open(alice, { carrier });
    return { machine, bundle: carrier.bundle(alice) };
  };

  describe('with another account key', () => {
    it('at first contact: it is trusted on first use, the fingerprint shows it, and it never passes for verified', async () => {
      const { machine, bundle } = await impostor();
      party().carrier.lie(alice, () => found(bundle));
      const wire = passed(bob, await b.write(alice, word));
      assert.equal(bodies(await machine.receive(wire)), word, 'who stands between can read it');
      const facts = await b.person.desk.contact(alice);
      assert.equal(facts.trust, 'blind');
      assert.notEqual(facts.fingerprint, digitsOf(a));
      await assert.rejects(b.person.desk.verify(alice, digitsOf(a)), { code: 'usage' });
      assert.equal(b.person.desk.contacts()[0]!.trust, 'blind');
      party().carrier.lie(alice);
      refused(await b.write(alice, word), /another key/i);
      assert.equal(toldOf(b, /another key than before/), 1);
      assert.equal((await b.person.desk.verify(alice, digitsOf(a))).trust, 'verified');
      await goesOn(b, a);
    });

    for (const isVerified of [false, true]) {
      it(`after ${isVerified ? 'verification' : 'first contact'}: nothing is sent, the person is told once, and a decision goes on`, async () => {
        await goesOn(a, b);
        if (isVerified) await b.person.desk.verify(alice, digitsOf(a));
        const { bundle } = await impostor();
        party().carrier.lie(alice, () => found(bundle));
        for (let time = 0; time < 3; time++) {
          refused(await b.write(alice, word), /another key/i);
          party().carrier.changed(alice);
        }
        assert.equal(toldOf(b, /another key than before/), 1);
        assert.equal(toldOf(b, /You had verified the old key/), isVerified ? 1 : 0);
        assert.equal(b.person.desk.outbox().length, 3);
        party().carrier.lie(alice);
        refused(await b.write(alice, word), /key/i);
        assert.equal(toldOf(b, /earlier key again/), 1);
        await b.person.desk.decide(alice, 'accept');
        assert.equal((await b.person.desk.contact(alice)).fingerprint, digitsOf(a));
        assert.equal((await b.person.desk.contact(alice)).trust === 'verified', false, 'nobody has compared anew');
        await goesOn(a, b);
      });
    }

    it('by a first message instead: it is not shown, and what the contact says goes on', async () => {
      await goesOn(a, b);
      const { machine } = await impostor();
      const forged = passed(alice, await machine.write(bob, word));
      assert.match(
        bodies(await b.receive(forged)),
        /^SIMPP does not show this message: it comes from somebody with another key/,
      );
      assert.equal(toldOf(b, /another key than before/), 1);
      assert.equal((await say(a, b, 'I am still alice')).shown, 'I am still alice');
      refused(await b.write(alice, word), /another key/i);
    });
  });

  describe('with another device list', () => {
    let phone: Machine;
    beforeEach(async () => {
      await goesOn(a, b);
      phone = await party().open(alice);
    });
    const approve = async (): Promise<void> => {
      await a.person.desk.approveDevice(phone.deviceId);
      await phone.settled();
    };
    const devicesIn = (stanza: string): readonly string[] => wrapsOf(stanza).map(({ deviceId }) => toHex(deviceId));

    it('an older one: it is refused, said once, and messages go to every device that was known', async () => {
      const old = party().carrier.bundle(alice);
      await approve();
      await say(b, a, 'to both');
      party().carrier.lie(alice, () => found(old));
      for (let time = 0; time < 3; time++) {
        const wire = passed(bob, await b.write(alice, word));
        assert.deepEqual(devicesIn(wire).toSorted(), [a.deviceId, phone.deviceId].toSorted());
        assert.equal(bodies(await phone.receive(wire)), word);
        party().carrier.changed(alice);
      }
      assert.equal(toldOf(b, /old device list/), 1);
    });

    it('one of the same version: an alarm, and nothing is sent before a decision', async () => {
      const bundle = party().carrier.bundle(alice);
      const { kuA } = bundle;
      const krA = a.identities.find(alice)!.krA!;
      const list = deviceListBody.decode(signedObject.decode(bundle.list).body);
      const other = signDeviceList(crypto, krA, { ...list, kuA, issued: list.issued + 1 });
      party().carrier.lie(alice, () => found({ ...bundle, list: other }));
      refused(await b.write(alice, word), /same version/);
      party().carrier.changed(alice);
      refused(await b.write(alice, word), /same version/);
      assert.equal(toldOf(b, /Two different device lists/), 1);
      party().carrier.lie(alice);
      refused(await b.write(alice, word), /same version/);
      await b.person.desk.decide(alice, 'accept');
      await goesOn(b, a);
    });

    it('one of the same version by a first message: an alarm, too', async () => {
      const krA = a.identities.find(alice)!.krA!;
      const identity = a.identities.find(alice)!;
      const list = deviceListBody.decode(signedObject.decode(identity.deviceList).body);
      const deviceList = signDeviceList(crypto, krA, { ...list, issued: list.issued + 1 });
      a.identities.replace({ ...identity, deviceList }, undefined);
      await a.person.desk.decide(bob, 'reset');
      await say(a, b, 'by another list');
      assert.equal(toldOf(b, /Two different device lists/), 1);
      refused(await b.write(alice, word), /same version/);
    });

    it('one that the account key has not signed: the answer counts for nothing, and the known keys go on', async () => {
      const bundle = party().carrier.bundle(alice);
      const stranger = new PublishingPerson(alice);
      const ghost = stranger.newDevice();
      const ours = [
        ...bundle.devices.map(({ certificate }) => certificateHash(crypto, certificate)),
        certificateHash(crypto, ghost.certificate),
      ];
      const list = signDeviceList(crypto, stranger.krA, {
        jid: alice,
        kuA: bundle.kuA,
        version: 9,
        issued: 1,
        certificates: ours,
      });
      party().carrier.lie(alice, () =>
        found({
          ...bundle,
          list,
          devices: [...bundle.devices, { certificate: ghost.certificate, prekey: ghost.prekey() }],
        }),
      );
      const wire = passed(bob, await b.write(alice, word));
      assert.deepEqual(devicesIn(wire), [a.deviceId]);
      assert.equal(bodies(await a.receive(wire)), word);
    });

    it('with ghosts beside the listed ones: nothing is sealed for them', async () => {
      await approve();
      const withPhone = party().carrier.bundle(alice);
      await a.person.desk.removeDevice(phone.deviceId);
      const bundle = party().carrier.bundle(alice);
      const stranger = new PublishingPerson(alice);
      const ghost = stranger.newDevice();
      const unlisted = withPhone.devices.filter(
        ({ certificate }) => !bundle.devices.some((each) => toHex(each.certificate) === toHex(certificate)),
      );
      assert.equal(unlisted.length, 1, 'it was certified by the right key');
      const devices = [...bundle.devices, ...unlisted, { certificate: ghost.certificate, prekey: ghost.prekey() }];
      party().carrier.lie(alice, () => found({ ...bundle, devices }));
      const wire = passed(bob, await b.write(alice, word));
      assert.deepEqual(devicesIn(wire), [a.deviceId]);
      await goesOn(a, b);
    });

    it('a device that was removed begins a session by the list of before: it is not shown', async () => {
      await approve();
      const early = passed(alice, await phone.write(bob, word));
      await a.person.desk.removeDevice(phone.deviceId);
      await say(b, a, 'without the phone');
      assert.match(bodies(await b.receive(early)), /comes from a device that the contact has removed/);
      await goesOn(b, a);
    });

    it('a device that was removed goes on in its session: it is not shown', async () => {
      await approve();
      await say(phone, b, 'from the phone');
      const late = passed(alice, await phone.write(bob, word));
      await a.person.desk.removeDevice(phone.deviceId);
      await say(b, a, 'without the phone');
      assert.match(bodies(await b.receive(late)), /^SIMPP (?:cannot read|does not show) this message/);
      await goesOn(b, a);
    });
  });

  describe('with a bundle that does not hold', () => {
    const bundle = (): RawBundle => party().carrier.bundle(alice);
    const lies: Readonly<Record<string, () => Found>> = {
      'a list with a bad signature': () =>
        found({ ...bundle(), list: flipped(bundle().list, bundle().list.length - 1) }),
      'a list without its end': () => found({ ...bundle(), list: bundle().list.slice(0, -10) }),
      'a key off the curve': () => found({ ...bundle(), kuA: flipped(bundle().kuA, 64) }),
      '10,000 devices': () =>
        found({ ...bundle(), devices: Array.from({ length: 10_000 }, () => bundle().devices[0]!) }),
      'the list of another JID': () => found(party().carrier.bundle(bob)),
      'a certificate with a bad signature': () =>
        found({
          ...bundle(),
          devices: bundle().devices.map((each) => ({
            ...each,
            certificate: flipped(each.certificate, each.certificate.length - 1),
          })),
        }),
      'a prekey with a bad signature': () =>
        found({
          ...bundle(),
          devices: bundle().devices.map((each) => ({
            ...each,
            prekey: flipped(each.prekey!, each.prekey!.length - 1),
          })),
        }),
      'a prekey of another device': () =>
        found({
          ...bundle(),
          devices: bundle().devices.map((each) => ({
            ...each,
            prekey: party().carrier.bundle(bob).devices[0]!.prekey,
          })),
        }),
      'no prekey': () => found({ ...bundle(), devices: bundle().devices.map(({ certificate }) => ({ certificate })) }),
      'no devices': () => found({ ...bundle(), devices: [] }),
      'no answer': () => ({ kind: 'failed', reason: 'it did not answer in time' }),
    };
    for (const [what, lie] of Object.entries(lies)) {
      for (const policy of ['prefer', 'require'] as const) {
        it(`${what}: nothing leaves, under ${policy}; with true keys it does`, async () => {
          b.person.desk.setPolicy(undefined, policy);
          party().carrier.lie(alice, lie);
          const { up, down } = await b.write(alice, word);
          assert.deepEqual(up, []);
          assert.match(down.join(''), /type='error'/);
          party().carrier.lie(alice);
          await goesOn(b, a);
        });
      }
    }

    it('nothing, after keys were known: the known ones go on, also after months, and never plaintext', async () => {
      await goesOn(a, b);
      party().carrier.lie(alice, () => ({ kind: 'none' }));
      assert.equal((await say(b, a, word)).shown, word);
      party().clock.ms += 100 * dayMs;
      party().carrier.changed(alice);
      const { up, down } = await b.write(alice, word);
      for (const stanza of up) assert.ok(!stanza.includes(word));
      assert.equal(up.length + down.length, 1);
    });

    it('dates of years ago: the device is not written to', async () => {
      await goesOn(a, b);
      party().clock.ms += 3 * 365 * dayMs;
      party().carrier.changed(alice);
      refused(await b.write(alice, word), /No device of|too old/);
    });
  });
});
