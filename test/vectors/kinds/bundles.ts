// What people publish of themselves (docs/protocol.md §9.1), and bundles that
// hold wholly, in part, or not at all.
import { nobleCrypto as crypto } from '../../../shared/crypto/noble.ts';
import { approvalCode } from '../../../shared/simpp/approval-code.ts';
import { certificateHash, deviceListHash, signCertificate, signDeviceList } from '../../../shared/simpp/certificate.ts';
import { openBundle, type RawContactBundle } from '../../../shared/simpp/contact-bundle.ts';
import { oneTimeBody, prekeyBody } from '../../../shared/simpp/end-to-end-messages.ts';
import { certificateBody, deviceListBody, signedObject } from '../../../shared/simpp/messages.ts';
import { signOneTimeKey, signPrekey, signTombstone } from '../../../shared/simpp/prekey.ts';
import { signRollover } from '../../../shared/simpp/rollover.ts';
import {
  bytesOf,
  digestOf,
  fixedBytes,
  hex,
  listOf,
  numberOf,
  refusal,
  textOf,
  valuesOf,
  type Values,
  type VectorKind,
} from '../vector.ts';
import { withCoefficient } from './encapsulation.ts';
import { identityOf } from './identities.ts';
import {
  alice,
  bob,
  bundleOf,
  now,
  oneTimeInputs,
  prekeyInputs,
  signedOneTimeKey,
  signedPrekey,
} from './two-people.ts';

export const publications: VectorKind = {
  file: 'publications',
  about:
    'What a device and an account sign for others: a prekey, a one-time key, the tombstone of the device, a rollover to ' +
    '`nextKrA`; the hash of the list, and the code of the device as long as it waits for approval. The digest covers z of the ' +
    'KEM seed, which shows nowhere else.',
  section: '9.1',
  inputs: [
    {
      name: 'bob',
      inputs: {
        person: bob,
        prekey: prekeyInputs,
        oneTime: oneTimeInputs,
        retiredAt: now,
        nextKrA: hex(fixedBytes('the next KR_A of bob', 32)),
        rolloverIssued: now + 1,
      },
    },
  ],
  derive(inputs) {
    const person = valuesOf(inputs, 'person');
    const { jid, krA, krDs, krDd, deviceList, certificate } = identityOf(person);
    const deviceId = bytesOf(person, 'deviceId');
    const kuDs = krDs.publicKey.bytes;
    return {
      certificate: hex(certificate),
      prekey: hex(signedPrekey(person, valuesOf(inputs, 'prekey'))),
      oneTime: hex(signedOneTimeKey(person, valuesOf(inputs, 'oneTime'))),
      tombstone: hex(signTombstone(crypto, krDs, { jid, deviceId, at: numberOf(inputs, 'retiredAt') })),
      rollover: hex(
        signRollover(crypto, krA, {
          jid,
          kuA: krA.publicKey.bytes,
          nextKuA: crypto.p256.privateKey(bytesOf(inputs, 'nextKrA')).publicKey.bytes,
          issued: numberOf(inputs, 'rolloverIssued'),
        }),
      ),
      listHash: hex(deviceListHash(crypto, deviceList)),
      approvalCode: approvalCode(crypto, { jid, deviceId, kuDs, kuDd: krDd.publicKey.bytes }),
      digest: digestOf(inputs),
    };
  },
};

interface Changes {
  readonly jid?: string;
  readonly kuA?: Uint8Array;
  readonly list?: Uint8Array;
  readonly now?: number;
  readonly device?: Partial<Record<'certificate' | 'prekey' | 'oneTime' | 'tombstone', Uint8Array>>;
}

const good = bundleOf(bob, prekeyInputs, oneTimeInputs);
const goodDevice = good.devices[0]!;

const shown = (bytes: Uint8Array | undefined): string => (bytes === undefined ? '' : hex(bytes));

function item(name: string, changes: Changes = {}): { name: string; inputs: Values } {
  const device = { ...goodDevice, ...changes.device };
  const values = {
    certificate: hex(device.certificate),
    prekey: shown(device.prekey),
    oneTime: shown(device.oneTime),
    tombstone: shown(device.tombstone),
  };
  return {
    name,
    inputs: {
      jid: changes.jid ?? textOf(bob, 'jid'),
      kuA: hex(changes.kuA ?? good.kuA),
      list: hex(changes.list ?? good.list),
      devices: [values],
      now: changes.now ?? now,
    },
  };
}

const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.with(at, bytes.at(at)! ^ 1);
const bodyOf = (signed: Uint8Array): Uint8Array => signedObject.decode(signed).body;
const day = 24 * 3600;

const krDs = crypto.p256.privateKey(bytesOf(bob, 'krDs'));
const krA = crypto.p256.privateKey(bytesOf(bob, 'krA'));
const prekey = prekeyBody.decode(bodyOf(goodDevice.prekey!));
const tombstone = signTombstone(crypto, krDs, { jid: textOf(bob, 'jid'), deviceId: bytesOf(bob, 'deviceId'), at: now });
const offCurve = flipped(prekey.gY, -1);

/** One of each: the device counts, is skipped, or loses its one-time key. */
function outcomes(): { name: string; inputs: Values }[] {
  const withPrekey = (changes: Partial<typeof prekey>) => ({
    device: { prekey: signedPrekey(bob, prekeyInputs, changes) },
  });
  const expired = signCertificate(crypto, krA, {
    ...certificateBody.decode(bodyOf(goodDevice.certificate)),
    notAfter: now - 2 * day - 1,
  });
  const listing = (certificate: Uint8Array): Uint8Array =>
    signDeviceList(crypto, krA, {
      ...deviceListBody.decode(bodyOf(good.list)),
      certificates: [certificateHash(crypto, certificate)],
    });
  const otherOneTime = { ...bob, deviceId: alice['deviceId']! };
  return [
    item('everything holds'),
    item('without a one-time key', { device: { oneTime: new Uint8Array(0) } }),
    item('a prekey of 30 days', withPrekey({ issued: now - 30 * day })),
    item('a prekey of more than 30 days', withPrekey({ issued: now - 30 * day - 1 })),
    item('a prekey of 90 days', withPrekey({ issued: now - 90 * day })),
    item('a prekey of more than 90 days', withPrekey({ issued: now - 90 * day - 1 })),
    item('a prekey from the future', withPrekey({ issued: now + 2 * day + 1 })),
    item('no prekey', { device: { prekey: new Uint8Array(0) } }),
    item("a bit of the prekey's signature", { device: { prekey: flipped(goodDevice.prekey!, -1) } }),
    item('a prekey signed by the account key', { device: { prekey: signPrekey(crypto, krA, prekey) } }),
    item('a prekey of another device id', withPrekey({ deviceId: bytesOf(alice, 'deviceId') })),
    item('a prekey of another JID', withPrekey({ jid: textOf(alice, 'jid') })),
    item('a G_y that is not on the curve', withPrekey({ gY: offCurve })),
    item('an encapsulation key that is not reduced', withPrekey({ ek: withCoefficient(prekey.ek, 5, 3329) })),
    item('a one-time key for a prekey', { device: { prekey: goodDevice.oneTime! } }),
    item('a tombstone', { device: { tombstone } }),
    item('a certificate that is not listed', { device: { certificate: unlisted() } }),
    item("a bit of the certificate's signature", { device: { certificate: flipped(goodDevice.certificate, -1) } }),
    item('a certificate that is over', { device: { certificate: expired }, list: listing(expired) }),
    item("a bit of the one-time key's signature", { device: { oneTime: flipped(goodDevice.oneTime!, -1) } }),
    item('a one-time key of another device id', {
      device: { oneTime: signedOneTimeKey(otherOneTime, oneTimeInputs) },
    }),
    item('a one-time key with the id 0', { device: { oneTime: signedOneTimeKey(bob, { ...oneTimeInputs, id: 0 }) } }),
    item('a one-time key that is not on the curve', { device: { oneTime: offCurveOneTime() } }),
  ];
}

const unlisted = (): Uint8Array =>
  signCertificate(crypto, krA, {
    ...certificateBody.decode(bodyOf(goodDevice.certificate)),
    deviceId: bytesOf(alice, 'deviceId'),
  });

function offCurveOneTime(): Uint8Array {
  const body = oneTimeBody.decode(bodyOf(goodDevice.oneTime!));
  return signOneTimeKey(crypto, krDs, { ...body, key: flipped(body.key, -1) });
}

function bundleIn(inputs: Values) {
  const raw: RawContactBundle = {
    kuA: bytesOf(inputs, 'kuA'),
    list: bytesOf(inputs, 'list'),
    devices: listOf(inputs, 'devices').map((device) => ({
      certificate: bytesOf(device, 'certificate'),
      prekey: bytesOf(device, 'prekey'),
      oneTime: bytesOf(device, 'oneTime'),
      tombstone: bytesOf(device, 'tombstone'),
    })),
  };
  return openBundle(crypto, textOf(inputs, 'jid'), raw, numberOf(inputs, 'now'));
}

export const bundles: VectorKind = {
  file: 'bundles',
  about:
    'Bundles whose list holds, read at the time `now`: `devices` are those that can be written to, `stale` with a warning, ' +
    '`oneTimeId` 0 without a one-time key. A device that does not hold is skipped. The digest covers the inputs.',
  section: '9.1',
  inputs: outcomes(),
  derive(inputs) {
    const { list, devices } = bundleIn(inputs);
    return {
      listVersion: list.version,
      listHash: hex(list.hash),
      devices: devices.map(({ deviceId, isStale, oneTime }) => ({
        deviceId: hex(deviceId),
        stale: isStale,
        oneTimeId: oneTime?.id ?? 0,
      })),
      digest: digestOf(inputs),
    };
  },
};

function refused(): { name: string; inputs: Values }[] {
  const list = deviceListBody.decode(bodyOf(good.list));
  const signedList = (changes: Partial<typeof list>): Uint8Array =>
    signDeviceList(crypto, krA, { ...list, ...changes });
  const mallory = crypto.p256.privateKey(fixedBytes('M', 32));
  const many = item('33 devices');
  const empty = { certificate: '', prekey: '', oneTime: '', tombstone: '' };
  return [
    item('KU_A is not on the curve', { kuA: flipped(good.kuA, -1) }),
    item('KU_A is of another account', { kuA: mallory.publicKey.bytes }),
    item('a bit of the list', { list: flipped(good.list, 10) }),
    item("a bit of the list's signature", { list: flipped(good.list, -1) }),
    item('the list is signed by the device', { list: signDeviceList(crypto, krDs, list) }),
    item('the list names another KU_A', { list: signedList({ kuA: mallory.publicKey.bytes }) }),
    item('the list is of another JID', { list: signedList({ jid: textOf(alice, 'jid') }) }),
    item('another JID was asked for', { jid: textOf(alice, 'jid') }),
    item('the list is from the future', { list: signedList({ issued: now + 2 * day + 1 }) }),
    item('a certificate for a list', { list: goodDevice.certificate }),
    { ...many, inputs: { ...many.inputs, devices: Array.from({ length: 33 }, () => empty) } },
  ];
}

export const badBundles: VectorKind = {
  file: 'bad-bundles',
  about: 'Bundles that are refused as a whole at the time `now`.',
  section: '9.1',
  inputs: refused(),
  derive: (inputs) => refusal(inputs, () => bundleIn(inputs)),
};
