// Labels, fingerprints, recovery phrases, certificates and device lists.
import { detectNodeCrypto } from '../../../proxy/crypto/provider.ts';
import { nobleCrypto as crypto } from '../../../shared/crypto/noble.ts';
import { SimppError } from '../../../shared/errors.ts';
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
import { bytesOf, digestOf, fixedBytes, hex, numberOf, textOf, type Values, type VectorKind } from '../vector.ts';

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
  about: 'Fingerprints of a person and of a gateway, and the 60 digits that people compare.',
  section: '3',
  inputs: [
    {
      name: 'alice and her gateway',
      inputs: {
        jid: 'alice@example.test',
        kuA: point('fingerprint KR_A'),
        agreement: point('fingerprint KR_S agreement'),
        signing: point('fingerprint KR_S signing'),
      },
    },
  ],
  derive(inputs) {
    const person = personFingerprint(crypto, textOf(inputs, 'jid'), bytesOf(inputs, 'kuA'));
    const gateway = gatewayFingerprint(crypto, {
      agreement: bytesOf(inputs, 'agreement'),
      signing: bytesOf(inputs, 'signing'),
    });
    return {
      person: hex(person),
      personDigits: fingerprintDigits(person),
      gateway: hex(gateway),
      gatewayDigits: fingerprintDigits(gateway),
    };
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
  const deviceList = signDeviceList(crypto, krA, {
    jid,
    kuA: krA.publicKey.bytes,
    version: numberOf(inputs, 'listVersion'),
    issued: numberOf(inputs, 'issued'),
    certificates: [certificateHash(crypto, certificate), bytesOf(inputs, 'otherCertificate')],
  });
  return { jid, krA, krDs, krDd, certificate, deviceList };
}

export const certificates: VectorKind = {
  file: 'certificates',
  about: 'A device certificate and a device list; signatures are deterministic (RFC 6979) and low-S.',
  section: '3',
  inputs: [{ name: 'alice, one device and another', inputs: identityInputs }],
  derive(inputs) {
    const { krA, certificate, deviceList } = identityOf(inputs);
    openListedDevice(crypto, krA.publicKey, certificate, deviceList, numberOf(inputs, 'issued'));
    return {
      kuA: hex(krA.publicKey.bytes),
      certificate: hex(certificate),
      certificateHash: hex(certificateHash(crypto, certificate)),
      deviceList: hex(deviceList),
    };
  },
};

function highS(encoded: Uint8Array): Uint8Array {
  const { body, signature } = signedObject.decode(encoded);
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const s = order - BigInt(`0x${hex(signature.subarray(32))}`);
  const high = Uint8Array.from({ length: 32 }, (_, at) => Number((s >> BigInt(8 * (31 - at))) & 0xffn));
  return signedObject.encode({ body, signature: Uint8Array.of(...signature.subarray(0, 32), ...high) });
}

function badIdentities(): { name: string; inputs: Values }[] {
  const good = identityOf(identityInputs);
  const kuA = hex(good.krA.publicKey.bytes);
  const now = 1_800_000_000;
  const flip = (bytes: Uint8Array, at: number): Uint8Array => bytes.with(at, bytes.at(at)! ^ 1);
  const build = (changes: Values) => identityOf({ ...identityInputs, ...changes });
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
    item("the certificate's signature has a high s", highS(good.certificate), good.deviceList),
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
    item('the certificate is not valid yet', good.certificate, good.deviceList, 1_790_000_000 - 48 * 3600 - 1),
    item('the certificate is not valid any more', good.certificate, good.deviceList, 1_860_000_000 + 48 * 3600 + 1),
  ];
}

export const badCertificates: VectorKind = {
  file: 'bad-certificates',
  about: 'Certificates and lists that must be refused at the time `now`.',
  section: '3',
  inputs: badIdentities(),
  derive(inputs) {
    try {
      const kuA = crypto.p256.publicKey(bytesOf(inputs, 'kuA'));
      const now = numberOf(inputs, 'now');
      openListedDevice(crypto, kuA, bytesOf(inputs, 'certificate'), bytesOf(inputs, 'deviceList'), now);
    } catch (error) {
      if (error instanceof SimppError) return { refused: true, digest: digestOf(inputs) };
      throw error;
    }
    throw new Error('a bad certificate or list was accepted');
  },
};
