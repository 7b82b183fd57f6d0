// Labels, fingerprints, recovery phrases, certificates and device lists.
import assert from 'node:assert/strict';
import { detectNodeCrypto } from '../../../proxy/crypto/provider.ts';
import { gatewayKeysOf } from '../../../proxy/invite.ts';
import { p256 } from '../../../shared/crypto/curves.ts';
import { nobleCrypto as crypto } from '../../../shared/crypto/noble.ts';
import type { PrivateKey } from '../../../shared/crypto/provider.ts';
import {
  certificateHash,
  openListedDevice,
  signCertificate,
  signDeviceList,
} from '../../../shared/simpp/certificate.ts';
import { fingerprintDigits, gatewayFingerprint, personFingerprint } from '../../../shared/simpp/fingerprint.ts';
import { labelled, labels, type Label } from '../../../shared/simpp/labels.ts';
import { signedObject } from '../../../shared/simpp/messages.ts';
import { accountKeyOfPhrase } from '../../../shared/simpp/recovery.ts';
import { withOtherS } from '../../shared/crypto/curve-cases.ts';
import {
  bytesOf,
  fixedBytes,
  hex,
  isRefused,
  numberOf,
  profileOf,
  refusal,
  textOf,
  type Values,
  type VectorKind,
} from '../vector.ts';

export const labelledStrings: VectorKind = {
  file: 'labels',
  about: 'labelled(label, fields…) for each label.',
  section: '2.3',
  inputs: Object.keys(labels).map((label) => ({
    name: label,
    inputs: { label, first: hex(fixedBytes(`${label} first`, 7)), second: hex(fixedBytes(`${label} second`, 300)) },
  })),
  derive: (inputs) => ({
    labelled: hex(labelled(textOf(inputs, 'label') as Label, bytesOf(inputs, 'first'), bytesOf(inputs, 'second'))),
  }),
};

export const recovery: VectorKind = {
  file: 'recovery',
  about: 'KR_A of a recovery phrase and a bare JID.',
  section: '3',
  inputs: [
    {
      name: 'the phrase of zeros',
      inputs: {
        phrase: 'abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about',
        jid: 'alice@example.test',
      },
    },
    {
      name: 'the phrase of ones, another JID',
      inputs: { phrase: 'zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong', jid: 'bürger@bücher.example' },
    },
  ],
  derive(inputs) {
    // scrypt is the same in both providers, and slow in one.
    const krA = accountKeyOfPhrase(detectNodeCrypto(), textOf(inputs, 'phrase'), textOf(inputs, 'jid'));
    return { krA: hex(krA.secret), kuA: hex(krA.publicKey.bytes) };
  },
};

const point = (name: string): string => hex(crypto.p256.privateKey(fixedBytes(name, 32)).publicKey.bytes);

export const fingerprints: VectorKind = {
  file: 'fingerprints',
  about:
    'Fingerprints of a person and of a gateway, and the 60 digits that people compare. `kuS` is KU_S as invites hold it.',
  section: '3',
  inputs: [
    { name: 'a person', inputs: { jid: 'alice@example.test', kuA: point('fingerprint KR_A') } },
    {
      name: 'a gateway',
      inputs: {
        profile: 'simpp-2',
        kuS: point('fingerprint KR_S agreement') + point('fingerprint KR_S signing'),
      },
    },
    {
      name: 'a gateway of the profile classic',
      inputs: {
        profile: 'classic',
        kuS: hex(crypto.p224.privateKey(fixedBytes('fingerprint classic KR_S', 28)).publicKey.bytes),
      },
    },
  ],
  derive(inputs) {
    const fingerprint =
      'jid' in inputs
        ? personFingerprint(crypto, textOf(inputs, 'jid'), bytesOf(inputs, 'kuA'))
        : gatewayFingerprint(
            crypto,
            gatewayKeysOf({ profile: profileOf(inputs, 'profile'), bytes: bytesOf(inputs, 'kuS') }),
          );
    return { fingerprint: hex(fingerprint), digits: fingerprintDigits(fingerprint) };
  },
};

/** The fixed identity that other vectors use, too. */
export const identityInputs: Values = {
  jid: 'alice@example.test',
  krA: hex(fixedBytes('KR_A', 32)),
  deviceId: hex(fixedBytes('device id', 16)),
  krDs: hex(fixedBytes('KR_Ds', 32)),
  krDd: hex(fixedBytes('KR_Dd', 32)),
  notBefore: 1_790_000_000,
  notAfter: 1_860_000_000,
  listVersion: 7,
  issued: 1_790_000_100,
  otherCertificate: hex(fixedBytes('the name of another certificate', 32)),
};

/** Certificate and list of an identity. */
export function identityOf(inputs: Values) {
  const jid = textOf(inputs, 'jid');
  const krA = crypto.p256.privateKey(bytesOf(inputs, 'krA'));
  const krDs = crypto.p256.privateKey(bytesOf(inputs, 'krDs'));
  const krDd = crypto.p256.privateKey(bytesOf(inputs, 'krDd'));
  const certificate = signCertificate(crypto, krA, {
    jid,
    deviceId: bytesOf(inputs, 'deviceId'),
    kuDs: krDs.publicKey.bytes,
    kuDd: krDd.publicKey.bytes,
    notBefore: numberOf(inputs, 'notBefore'),
    notAfter: numberOf(inputs, 'notAfter'),
  });
  return { jid, krA, krDs, krDd, certificate, deviceList: signedList(krA, inputs, certificate) };
}

/** The list of an identity with this certificate in it. */
export function signedList(krA: PrivateKey, inputs: Values, certificate: Uint8Array): Uint8Array {
  return signDeviceList(crypto, krA, {
    jid: textOf(inputs, 'jid'),
    kuA: krA.publicKey.bytes,
    version: numberOf(inputs, 'listVersion'),
    issued: numberOf(inputs, 'issued'),
    certificates: [certificateHash(crypto, certificate), bytesOf(inputs, 'otherCertificate')],
  });
}

/** How far clocks may differ (§3), in seconds. */
const tolerance = 172_800;
/** A list that does not come from the future as long as its certificate does. */
const earlierThanValid = 1_789_990_000;

export const certificates: VectorKind = {
  file: 'certificates',
  about:
    'A device certificate and a device list; signatures are deterministic (RFC 6979) and low-S. `acceptedFrom` and ' +
    '`acceptedUntil` are the first and the last second at which a clock may stand that accepts both.',
  section: '3',
  inputs: [
    { name: 'alice, one device and another', inputs: identityInputs },
    {
      name: 'alice, a list older than the certificate',
      inputs: { ...identityInputs, issued: earlierThanValid },
    },
  ],
  derive(inputs) {
    const { krA, certificate, deviceList } = identityOf(inputs);
    const acceptedFrom = Math.max(numberOf(inputs, 'notBefore'), numberOf(inputs, 'issued')) - tolerance;
    const acceptedUntil = numberOf(inputs, 'notAfter') + tolerance;
    const open = (now: number) => openListedDevice(crypto, krA.publicKey, certificate, deviceList, now);
    for (const now of [acceptedFrom, acceptedUntil]) open(now);
    for (const now of [acceptedFrom - 1, acceptedUntil + 1]) assert(isRefused(() => open(now)));
    return {
      kuA: hex(krA.publicKey.bytes),
      certificate: hex(certificate),
      certificateHash: hex(certificateHash(crypto, certificate)),
      deviceList: hex(deviceList),
      acceptedFrom,
      acceptedUntil,
    };
  },
};

const withHighS = (encoded: Uint8Array): Uint8Array => {
  const { body, signature } = signedObject.decode(encoded);
  return signedObject.encode({ body, signature: withOtherS(p256, signature) });
};

function badIdentities(): { name: string; inputs: Values }[] {
  const good = identityOf(identityInputs);
  const kuA = hex(good.krA.publicKey.bytes);
  const now = 1_800_000_000;
  const flip = (bytes: Uint8Array, at: number): Uint8Array => bytes.with(at, bytes.at(at)! ^ 1);
  const build = (changes: Values) => identityOf({ ...identityInputs, ...changes });
  const [notBefore, notAfter, issued] = ['notBefore', 'notAfter', 'issued'].map((key) =>
    numberOf(identityInputs, key),
  ) as [number, number, number];
  const early = build({ issued: earlierThanValid });
  const item = (name: string, certificate: Uint8Array, deviceList: Uint8Array, at = now, key = kuA) => ({
    name,
    inputs: { kuA: key, certificate: hex(certificate), deviceList: hex(deviceList), now: at },
  });
  const unsorted = (): Uint8Array => {
    const { body } = signedObject.decode(good.deviceList);
    const swapped = Uint8Array.of(...body.subarray(0, -64), ...body.subarray(-32), ...body.subarray(-64, -32));
    return signedObject.encode({
      body: swapped,
      signature: crypto.p256.sign(good.krA, labelled('device-list', swapped)),
    });
  };
  const wrongContext = (): Uint8Array => {
    const { body } = signedObject.decode(good.certificate);
    return signedObject.encode({ body, signature: crypto.p256.sign(good.krA, labelled('device-list', body)) });
  };
  return [
    item('a bit of the certificate is flipped', flip(good.certificate, 20), good.deviceList),
    item("a bit of the certificate's signature is flipped", flip(good.certificate, -1), good.deviceList),
    item("the certificate's signature has a high s", withHighS(good.certificate), good.deviceList),
    item('the certificate is signed in the context of lists', wrongContext(), good.deviceList),
    item(
      'the list is signed by another account key',
      good.certificate,
      build({ krA: hex(fixedBytes('M', 32)) }).deviceList,
    ),
    item('both are of another account key', good.certificate, good.deviceList, now, point('M')),
    item(
      'the list names another certificate',
      good.certificate,
      build({ deviceId: hex(fixedBytes('B', 16)) }).deviceList,
    ),
    item('the list is of another JID', good.certificate, build({ jid: 'mallory@example.test' }).deviceList),
    item("the list's names are not in ascending order", good.certificate, unsorted()),
    item('the certificate is not valid yet', early.certificate, early.deviceList, notBefore - tolerance - 1),
    item('the certificate is not valid any more', good.certificate, good.deviceList, notAfter + tolerance + 1),
    item('the list was issued in the future', good.certificate, good.deviceList, issued - tolerance - 1),
  ];
}

export const badCertificates: VectorKind = {
  file: 'bad-certificates',
  about: 'Certificates and lists that must be refused at the time `now`.',
  section: '3',
  inputs: badIdentities(),
  derive: (inputs) =>
    refusal(inputs, () => {
      const kuA = crypto.p256.publicKey(bytesOf(inputs, 'kuA'));
      const now = numberOf(inputs, 'now');
      openListedDevice(crypto, kuA, bytesOf(inputs, 'certificate'), bytesOf(inputs, 'deviceList'), now);
    }),
};
