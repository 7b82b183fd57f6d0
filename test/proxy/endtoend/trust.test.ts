import assert from 'node:assert/strict';
import { nodeCrypto as crypto } from '../../../proxy/crypto/support.ts';
import { accept, refuse, reset, verify, verifyKey } from '../../../proxy/endtoend/trust-decision.ts';
import { judge, stranger, type Judgement, type Known, type TrustPolicy } from '../../../proxy/endtoend/trust.ts';
import { qrOf } from '../../../proxy/endtoend/verify-uri.ts';
import { toHex } from '../../../shared/bytes.ts';
import { SimppError } from '../../../shared/errors.ts';
import { openBundle, type Bundle } from '../../../shared/simpp/contact-bundle.ts';
import { fingerprintDigits, personFingerprint } from '../../../shared/simpp/fingerprint.ts';
import { signTombstone } from '../../../shared/simpp/prekey.ts';
import { signRollover } from '../../../shared/simpp/rollover.ts';
import { newDevice, now, personOf, type TestDevice } from '../../shared/simpp/people.ts';

const jid = 'bob@example.test';
const nowMs = now * 1000;
const krA = crypto.p256.generate();
const [phone, laptop] = [newDevice(crypto, jid, krA), newDevice(crypto, jid, krA)];
const krB = crypto.p256.generate();

const bundleOf = (devices: readonly TestDevice[], version = 1, issued?: number, key = krA): Bundle =>
  openBundle(crypto, jid, personOf(crypto, jid, key, devices, version, issued).bundle, now);
const otherBundle = (): Bundle => bundleOf([newDevice(crypto, jid, krB)], 1, undefined, krB);
const judged = (known: Known, bundles: readonly Bundle[], policy: TrustPolicy = 'blind'): Judgement =>
  judge(crypto, known, bundles, policy, nowMs);
const noticesOf = ({ notices }: Judgement): readonly string[] => notices.map(({ kind }) => kind);
const statesOf = ({ devices }: Known): Record<string, string> =>
  Object.fromEntries(devices.map(({ deviceId, state }) => [deviceId, state]));
const idOf = (device: TestDevice): string => toHex(device.body.deviceId);

const met = judged(stranger(jid), [bundleOf([phone])]);
const verified: Known = verify(crypto, met);

describe('trust: the first bundle of a contact', () => {
  it('pins its key and trusts it, under the policy blind, without a word', () => {
    assert.equal(met.contact.trust, 'blind');
    assert.deepEqual(met.contact.kuA, krA.publicKey.bytes);
    assert.deepEqual([met.contact.listVersion, met.contact.fetchedAt, met.block], [1, nowMs, undefined]);
    assert.deepEqual(noticesOf(met), []);
    assert.deepEqual(statesOf(met), { [idOf(phone)]: 'listed' });
  });

  it('blocks and asks once, under the policy manual', () => {
    const first = judged(stranger(jid), [bundleOf([phone])], 'manual');
    assert.deepEqual(
      [first.contact.trust, first.block?.kind, noticesOf(first)],
      ['undecided', 'undecided', ['undecided']],
    );
    assert.deepEqual(noticesOf(judged(first, [bundleOf([phone])], 'manual')), []);
    assert.equal(judged(accept(first), [bundleOf([phone])], 'manual').block, undefined);
  });

  it('sends nothing and is an alarm where two directories give two keys', () => {
    const first = judged(stranger(jid), [bundleOf([phone]), otherBundle()]);
    assert.deepEqual([first.contact.kuA, first.block?.kind, noticesOf(first)], [undefined, 'alarm', ['two-keys']]);
    assert.equal(judged(first, [bundleOf([phone])]).block?.kind, 'alarm');
  });

  it('changes nothing where no directory has one', () => {
    const nothing = judged(stranger(jid), []);
    assert.deepEqual([nothing.contact.trust, nothing.block, noticesOf(nothing)], ['undecided', undefined, []]);
  });
});

describe('trust: the device list of the pinned key (docs/protocol.md §9.1)', () => {
  it('takes a higher version, and a new device of somebody who is not verified, and says so once', () => {
    const next = judged(met, [bundleOf([phone, laptop], 2)]);
    assert.deepEqual([next.contact.listVersion, next.block, noticesOf(next)], [2, undefined, ['device-added']]);
    assert.deepEqual(noticesOf(judged(next, [bundleOf([phone, laptop], 2)])), []);
  });

  it('takes the higher of the versions that two directories give', () => {
    const next = judged(met, [bundleOf([phone]), bundleOf([phone, laptop], 2)]);
    assert.equal(next.contact.listVersion, 2);
  });

  it('blocks on a new device of a verified contact until it is decided', () => {
    const next = judged(verified, [bundleOf([phone, laptop], 2)]);
    assert.deepEqual(next.block, { kind: 'new-devices', deviceIds: [idOf(laptop)] });
    assert.deepEqual(noticesOf(next), ['new-device']);
    const again = judged(next, [bundleOf([phone, laptop], 2)]);
    assert.deepEqual([again.block?.kind, noticesOf(again)], ['new-devices', []]);
    const accepted = judged(accept(next), [bundleOf([phone, laptop], 2)]);
    assert.deepEqual([accepted.contact.trust, accepted.block], ['verified', undefined]);
  });

  it('refuses a lower version and keeps what is known', () => {
    const known = judged(met, [bundleOf([phone, laptop], 2)]);
    const next = judged(known, [bundleOf([phone], 1)]);
    assert.deepEqual(noticesOf(next), ['list-rolled-back']);
    assert.deepEqual([next.contact.listVersion, statesOf(next)], [2, statesOf(known)]);
  });

  it('sends nothing when one version has two contents, until a person decides', () => {
    const next = judged(met, [bundleOf([phone], 1, now - 7)]);
    assert.deepEqual([next.block?.kind, noticesOf(next)], ['alarm', ['two-lists']]);
    assert.deepEqual(noticesOf(judged(next, [bundleOf([phone], 1, now - 7)])), []);
    assert.equal(judged(next, [bundleOf([phone, laptop], 2)]).block?.kind, 'alarm');
    assert.equal(judged(accept(next), [bundleOf([phone], 1, now - 7)]).block, undefined);
  });

  it('sees two contents of one new version in two directories at once', () => {
    const next = judged(met, [bundleOf([phone, laptop], 2), bundleOf([phone], 2)]);
    assert.deepEqual([next.block?.kind, next.contact.listVersion], ['alarm', 1]);
  });

  it('removes a device that the list names no more, and takes it for a new one when it comes back', () => {
    const both = judged(met, [bundleOf([phone, laptop], 2)]);
    const without = judged(both, [bundleOf([phone], 3)]);
    assert.deepEqual(statesOf(without), { [idOf(phone)]: 'listed', [idOf(laptop)]: 'removed' });
    assert.equal(without.devices.find(({ state }) => state === 'removed')?.prekey, undefined);
    const back = judged(verify(crypto, without), [bundleOf([phone, laptop], 4)]);
    assert.deepEqual([back.block?.kind, noticesOf(back)], ['new-devices', ['new-device']]);
  });

  it('removes a device that has retired itself, whatever the list says', () => {
    const { bundle } = personOf(crypto, jid, krA, [phone, laptop], 2);
    const both = judged(met, [openBundle(crypto, jid, bundle, now)]);
    const tombstone = signTombstone(crypto, laptop.signing, { jid, deviceId: laptop.body.deviceId, at: now });
    const devices = bundle.devices.map((raw, at) => (at === 1 ? { ...raw, tombstone } : raw));
    const next = judged(both, [openBundle(crypto, jid, { ...bundle, devices }, now)]);
    assert.equal(statesOf(next)[idOf(laptop)], 'removed');
  });

  it('keeps a listed device whose keys a directory withholds', () => {
    const { bundle } = personOf(crypto, jid, krA, [phone, laptop], 2);
    const both = judged(met, [openBundle(crypto, jid, bundle, now)]);
    const next = judged(both, [openBundle(crypto, jid, { ...bundle, devices: bundle.devices.slice(0, 1) }, now)]);
    assert.equal(statesOf(next)[idOf(laptop)], 'listed');
  });

  it('takes the same id with other keys for a new device', () => {
    const twin = newDevice(crypto, jid, krA, {
      certificate: { deviceId: phone.body.deviceId },
      prekey: { deviceId: phone.body.deviceId },
    });
    const next = judged(verified, [bundleOf([twin], 2)]);
    assert.deepEqual([next.block?.kind, noticesOf(next)], ['new-devices', ['new-device']]);
  });
});

describe('trust: another key (docs/protocol.md §9.1)', () => {
  for (const [name, known] of [
    ['trusted blindly', met],
    ['verified', verified],
  ] as const) {
    it(`keeps the pinned one of a contact who was ${name}, sends nothing, and says so once`, () => {
      const next = judged(known, [otherBundle()]);
      assert.deepEqual(next.contact.kuA, krA.publicKey.bytes);
      assert.deepEqual(next.contact.nextKuA, krB.publicKey.bytes);
      assert.deepEqual([next.contact.trust, next.block?.kind], ['changed', 'key-changed']);
      assert.deepEqual(next.notices, [{ kind: 'key-changed', wasVerified: known === verified, isVouched: false }]);
      assert.deepEqual(noticesOf(judged(next, [otherBundle()])), []);
    });
  }

  it('is never verified by a rollover, which only says that the old key vouches for it', () => {
    const person = personOf(crypto, jid, krB, [newDevice(crypto, jid, krB)]);
    const body = { jid, kuA: krA.publicKey.bytes, nextKuA: krB.publicKey.bytes, issued: now };
    const rolled = openBundle(crypto, jid, { ...person.bundle, rollover: signRollover(crypto, krA, body) }, now);
    const next = judged(verified, [rolled]);
    assert.deepEqual([next.contact.trust, next.block?.kind], ['changed', 'key-changed']);
    assert.deepEqual(next.notices, [{ kind: 'key-changed', wasVerified: true, isVouched: true }]);
    assert.equal(accept(next).contact.trust, 'blind');
  });

  it('beside the pinned one is told, while the pinned one is used', () => {
    const next = judged(verified, [otherBundle(), bundleOf([phone])]);
    assert.deepEqual([next.contact.trust, next.block, noticesOf(next)], ['verified', undefined, ['two-keys']]);
    assert.deepEqual(noticesOf(judged(next, [otherBundle(), bundleOf([phone])])), []);
  });

  it('when accepted becomes the pinned one, trusted blindly, with none of the old devices', () => {
    const other = otherBundle();
    const accepted = accept(judged(verified, [other]));
    assert.deepEqual(statesOf(accepted), { [idOf(phone)]: 'removed' });
    const next = judged(accepted, [other]);
    assert.deepEqual([next.contact.trust, next.contact.nextKuA, next.block], ['blind', undefined, undefined]);
    assert.deepEqual(next.contact.kuA, krB.publicKey.bytes);
  });

  it('that goes away again leaves the decision to the person', () => {
    const next = judged(judged(verified, [otherBundle()]), [bundleOf([phone])]);
    assert.deepEqual([next.block?.kind, noticesOf(next)], ['key-changed', ['key-returned']]);
    assert.deepEqual(accept(next).contact.kuA, krA.publicKey.bytes);
  });

  it('of a refused contact changes nothing, and is not told', () => {
    const next = judged(refuse(met), [otherBundle()]);
    assert.deepEqual([next.contact.trust, next.block?.kind, noticesOf(next)], ['refused', 'refused', []]);
  });
});

describe('trust: what a person decides', () => {
  const digits = fingerprintDigits(personFingerprint(crypto, jid, krA.publicKey.bytes));
  const changed = judged(verified, [otherBundle()]);
  const nextDigits = fingerprintDigits(personFingerprint(crypto, jid, krB.publicKey.bytes));

  it('verifies by 60 digits in any groups, by 64 hexadecimal digits, and by a QR code', () => {
    const fingerprint = personFingerprint(crypto, jid, krA.publicKey.bytes);
    const words = [
      digits,
      digits.replaceAll(' ', ''),
      digits.replaceAll(' ', '\n'),
      toHex(fingerprint).toUpperCase(),
      qrOf(jid, fingerprint),
    ];
    for (const word of words) assert.equal(verify(crypto, met, word).contact.trust, 'verified', word);
  });

  it('verifies nothing by the fingerprint of another key, of another person, or by part of one', () => {
    const fingerprint = personFingerprint(crypto, jid, krA.publicKey.bytes);
    const words = [
      nextDigits,
      digits.slice(0, -1),
      '',
      qrOf('eve@example.test', fingerprint),
      toHex(fingerprint).slice(2),
    ];
    for (const word of words) assert.throws(() => verify(crypto, met, word), SimppError, word);
  });

  it('takes a changed key when its digits were compared, and not by a bare word', () => {
    assert.throws(() => verify(crypto, changed), { code: 'undecided' });
    const next = verify(crypto, changed, nextDigits);
    assert.deepEqual([next.contact.trust, next.contact.kuA], ['verified', krB.publicKey.bytes]);
  });

  it('verifies by a short string only the key that it was run with', () => {
    assert.equal(verifyKey(met, krA.publicKey.bytes).contact.trust, 'verified');
    assert.throws(() => verifyKey(met, krB.publicKey.bytes), { code: 'undecided' });
  });

  it('cannot verify somebody of whom no key is known', () => {
    assert.throws(() => verify(crypto, stranger(jid)), { code: 'key-missing' });
  });

  it('forgets everything with reset: the next key is the first one', () => {
    const next = judged(reset(changed), [otherBundle()]);
    assert.deepEqual([next.contact.trust, next.contact.kuA, next.block], ['blind', krB.publicKey.bytes, undefined]);
  });
});
