import assert from 'node:assert/strict';
import { nodeCrypto } from '../../../proxy/crypto/support.ts';
import { nobleCrypto } from '../../../shared/crypto/noble.ts';
import type { RawBundleDevice } from '../../../shared/simpp/bundle-device.ts';
import { deviceListHash } from '../../../shared/simpp/certificate.ts';
import { openBundle, type Bundle, type RawContactBundle } from '../../../shared/simpp/contact-bundle.ts';
import { signedObject } from '../../../shared/simpp/messages.ts';
import { signOneTimeKey, signPrekey, signTombstone } from '../../../shared/simpp/prekey.ts';
import { signRollover } from '../../../shared/simpp/rollover.ts';
import { day, newDevice, newPerson, now, personOf, type DeviceOptions } from './people.ts';

const crypto = nodeCrypto;
const jid = 'bob@example.test';
const bob = newPerson(crypto, jid, 2);
const [device] = bob.devices;
const stranger = newPerson(crypto, jid);

const open = (raw: RawContactBundle, at = now): Bundle => openBundle(crypto, jid, raw, at);

/** Bob's bundle with his first device changed. */
const withDevice = (change: Partial<RawBundleDevice>): RawContactBundle => ({
  ...bob.bundle,
  devices: bob.bundle.devices.map((raw, at) => (at === 0 ? { ...raw, ...change } : raw)),
});

/** A person whose only device is made with these options. */
function bundleOf(options: DeviceOptions): RawContactBundle {
  const krA = crypto.p256.generate();
  return personOf(crypto, jid, krA, [newDevice(crypto, jid, krA, options)]).bundle;
}

function offCurve(point: Uint8Array): Uint8Array {
  const off = point.slice();
  off[64]! ^= 1;
  return off;
}

function broken(encoded: Uint8Array): Uint8Array {
  const { body, signature } = signedObject.decode(encoded);
  return signedObject.encode({ body, signature: signature.with(40, signature[40]! ^ 1) });
}

/** The one reason why one device of two was skipped. */
function reasonOf(change: Partial<RawBundleDevice>): string {
  const { devices, skipped } = open(withDevice(change));
  assert.equal(devices.length, 1);
  assert.equal(skipped.length, 1);
  return skipped[0]!.reason;
}

describe('a bundle (docs/protocol.md §9.1)', () => {
  for (const provider of [nodeCrypto, nobleCrypto]) {
    it(`gives every device with its keys: ${provider.name}`, () => {
      const bundle = openBundle(provider, jid, bob.bundle, now);
      assert.deepEqual(
        bundle.devices.map(({ deviceId }) => deviceId),
        bob.devices.map(({ body }) => body.deviceId),
      );
      assert.deepEqual(bundle.skipped, []);
      assert.deepEqual(bundle.list.hash, deviceListHash(provider, bob.list));
      assert.equal(bundle.list.version, 1);
      const [first] = bundle.devices;
      assert.deepEqual(first!.prekey, device!.prekey.body);
      assert.equal(first!.oneTime?.id, 9);
      assert.equal(first!.isStale, false);
    });
  }

  it('is refused as a whole when its list does not verify, is of another JID or key, or of the future', () => {
    const other = newPerson(crypto, 'carol@example.test');
    const future = personOf(crypto, jid, bob.krA, bob.devices, 1, now + 2 * day + 1);
    const raws: readonly RawContactBundle[] = [
      { ...bob.bundle, list: broken(bob.list) },
      { ...bob.bundle, list: stranger.list },
      { ...bob.bundle, kuA: stranger.bundle.kuA },
      { ...bob.bundle, kuA: offCurve(bob.bundle.kuA) },
      { ...bob.bundle, list: bob.list.subarray(1) },
      other.bundle,
      future.bundle,
    ];
    for (const raw of raws) assert.throws(() => open(raw), { code: 'bundle-invalid' });
    assert.ok(open(future.bundle, now + 1));
  });

  it('has at most 32 devices', () => {
    const many = newPerson(crypto, jid, 32);
    assert.equal(open(many.bundle).devices.length, 32);
    const raw = { ...many.bundle, devices: [...many.bundle.devices, many.bundle.devices[0]!] };
    assert.throws(() => open(raw), { code: 'bundle-invalid' });
  });

  it('skips a device that the list does not name, and says so', () => {
    const unlisted = newDevice(crypto, jid, bob.krA);
    const { devices, skipped } = open({ ...bob.bundle, devices: [...bob.bundle.devices, unlisted.raw] });
    assert.equal(devices.length, 2);
    assert.deepEqual(skipped[0]!.deviceId, unlisted.body.deviceId);
    assert.match(skipped[0]!.reason, /list does not name it/u);
  });

  it('says when a listed device is withheld, and when one is given twice', () => {
    const [first] = bob.bundle.devices;
    assert.match(open({ ...bob.bundle, devices: [first!] }).skipped[0]!.reason, /did not give/u);
    const twice = open({ ...bob.bundle, devices: [...bob.bundle.devices, first!] });
    assert.equal(twice.devices.length, 2);
    assert.match(twice.skipped[0]!.reason, /twice/u);
  });

  it('skips a device without a prekey, or with one that does not hold', () => {
    const { signing, prekey } = device!;
    const signed = (change: object): Uint8Array => signPrekey(crypto, signing, { ...prekey.body, ...change });
    assert.match(reasonOf({ prekey: undefined }), /no prekey/u);
    assert.match(reasonOf({ prekey: new Uint8Array(0) }), /no prekey/u);
    for (const bad of [
      broken(device!.raw.prekey!),
      bob.devices[1]!.raw.prekey!,
      signPrekey(crypto, bob.krA, prekey.body),
      signed({ gY: offCurve(prekey.body.gY) }),
      signed({ ek: new Uint8Array(1184).fill(0xff) }),
      signed({ jid: 'carol@example.test' }),
      signed({ deviceId: new Uint8Array(16) }),
      signed({ issued: now + 2 * day + 1 }),
    ]) {
      assert.match(reasonOf({ prekey: bad }), /prekey is not valid/u);
    }
  });

  it('warns of a prekey after 30 days and skips the device after 90', () => {
    const raw = bundleOf({ prekey: { issued: now } });
    assert.equal(open(raw, now + 30 * day).devices[0]!.isStale, false);
    assert.equal(open(raw, now + 30 * day + 1).devices[0]!.isStale, true);
    assert.equal(open(raw, now + 90 * day).devices.length, 1);
    const late = open(raw, now + 90 * day + 1);
    assert.equal(late.devices.length, 0);
    assert.match(late.skipped[0]!.reason, /90 days/u);
  });

  it('skips a device whose certificate is not valid now, give or take 48 hours', () => {
    const raw = bundleOf({ certificate: { notBefore: now, notAfter: now + 10 * day } });
    for (const [at, count] of [
      [now - 2 * day, 1],
      [now - 2 * day - 1, 0],
      [now + 12 * day, 1],
      [now + 12 * day + 1, 0],
    ] as const) {
      // The list and prekey are older than the earliest of these times.
      assert.equal(open(raw, at).devices.length, count, String(at - now));
    }
  });

  it('skips a device whose certificate holds a point off the curve', () => {
    const off = offCurve(crypto.p256.generate().publicKey.bytes);
    for (const certificate of [{ kuDs: off }, { kuDd: off }]) {
      assert.equal(open(bundleOf({ certificate })).devices.length, 0);
    }
  });

  it('skips a device with a tombstone, whatever the list says; one that another signed counts for nothing', () => {
    const { signing, body } = device!;
    const values = { jid, deviceId: body.deviceId, at: now };
    assert.match(reasonOf({ tombstone: signTombstone(crypto, signing, values) }), /retired/u);
    const other = signTombstone(crypto, bob.devices[1]!.signing, values);
    assert.equal(open(withDevice({ tombstone: other })).devices.length, 2);
  });

  it('takes a one-time key that does not hold for none', () => {
    const { signing, body } = device!;
    const values = { jid, deviceId: body.deviceId, id: 3, key: crypto.p256.generate().publicKey.bytes };
    const bad = [
      broken(device!.raw.oneTime!),
      bob.devices[1]!.raw.oneTime!,
      signOneTimeKey(crypto, signing, { ...values, id: 0 }),
      signOneTimeKey(crypto, signing, { ...values, key: offCurve(values.key) }),
      new Uint8Array(0),
    ];
    for (const oneTime of bad) assert.equal(open(withDevice({ oneTime })).devices[0]!.oneTime, undefined);
    assert.equal(open(withDevice({ oneTime: signOneTimeKey(crypto, signing, values) })).devices[0]!.oneTime?.id, 3);
  });

  it('names the next or the previous KU_A by a rollover that the old KR_A signed, and only then', () => {
    const next = crypto.p256.generate().publicKey.bytes;
    const values = { jid, kuA: bob.bundle.kuA, nextKuA: next, issued: now };
    const rolled = (rollover: Uint8Array): Bundle => open({ ...bob.bundle, rollover });
    assert.deepEqual(rolled(signRollover(crypto, bob.krA, values)).nextKuA, next);
    const before = { ...values, kuA: stranger.bundle.kuA, nextKuA: bob.bundle.kuA };
    assert.deepEqual(rolled(signRollover(crypto, stranger.krA, before)).previousKuA, stranger.bundle.kuA);
    for (const bad of [
      signRollover(crypto, stranger.krA, values),
      signRollover(crypto, bob.krA, { ...values, jid: 'carol@example.test' }),
      signRollover(crypto, bob.krA, { ...values, nextKuA: offCurve(next) }),
      signRollover(crypto, stranger.krA, { ...values, kuA: stranger.bundle.kuA }),
    ]) {
      const { nextKuA, previousKuA } = rolled(bad);
      assert.deepEqual([nextKuA, previousKuA], [undefined, undefined]);
    }
  });
});
