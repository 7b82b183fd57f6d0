// Alice and Bob as the vectors of §9 have them: every secret fixed, one device each.
import { nobleCrypto as crypto } from '../../../shared/crypto/noble.ts';
import type { OwnKeys } from '../../../shared/simpp/accept-session.ts';
import { certificateHash } from '../../../shared/simpp/certificate.ts';
import type { RawContactBundle } from '../../../shared/simpp/contact-bundle.ts';
import { prekeyBody, type PrekeyBody } from '../../../shared/simpp/end-to-end-messages.ts';
import { signedObject } from '../../../shared/simpp/messages.ts';
import { signOneTimeKey, signPrekey } from '../../../shared/simpp/prekey.ts';
import type { OwnDevice } from '../../../shared/simpp/session.ts';
import { bytesOf, fixedBytes, hex, numberOf, textOf, valuesOf, type Values } from '../vector.ts';
import { identityInputs, identityOf } from './identities.ts';

/** When the cases of §9 happen, in seconds since 1970. */
export const now = 1_800_000_000;

export const alice: Values = identityInputs;
export const bob: Values = {
  ...identityInputs,
  jid: 'bob@example.test',
  krA: hex(fixedBytes('KR_A of bob', 32)),
  deviceId: hex(fixedBytes('device id of bob', 16)),
  krDs: hex(fixedBytes('KR_Ds of bob', 32)),
  krDd: hex(fixedBytes('KR_Dd of bob', 32)),
  listVersion: 12,
  otherCertificate: hex(fixedBytes('the name of another certificate of bob', 32)),
};

/** What a device offers ahead. */
export const prekeyInputs: Values = {
  id: 0x1f0e_0d0c_0b0a_09,
  y: hex(fixedBytes('y', 32)),
  kemSeed: hex(fixedBytes('KEM seed of a prekey', 64)),
  issued: now - 3 * 24 * 3600,
  epoch: 3,
};
export const oneTimeInputs: Values = { id: 0x0102_0304_05, secret: hex(fixedBytes('one-time key', 32)) };

/** The person and the device, as it takes part in sessions. */
export function ownDeviceOf(inputs: Values): OwnDevice {
  const { jid, krA, krDs, krDd, certificate, deviceList } = identityOf(inputs);
  return {
    jid,
    kuA: krA.publicKey.bytes,
    list: deviceList,
    listVersion: numberOf(inputs, 'listVersion'),
    certificate,
    certificateName: certificateHash(crypto, certificate),
    deviceId: bytesOf(inputs, 'deviceId'),
    signing: krDs,
    agreement: krDd,
  };
}

/** The signed prekey of a person's device. */
export function signedPrekey(person: Values, prekey: Values, changes: Partial<PrekeyBody> = {}): Uint8Array {
  return signPrekey(crypto, crypto.p256.privateKey(bytesOf(person, 'krDs')), {
    jid: textOf(person, 'jid'),
    deviceId: bytesOf(person, 'deviceId'),
    id: numberOf(prekey, 'id'),
    gY: crypto.p256.privateKey(bytesOf(prekey, 'y')).publicKey.bytes,
    ek: crypto.mlKem768.decapsulationKey(bytesOf(prekey, 'kemSeed')).encapsulationKey.bytes,
    issued: numberOf(prekey, 'issued'),
    epoch: numberOf(prekey, 'epoch'),
    ...changes,
  });
}

/** The signed one-time key of a person's device. */
export function signedOneTimeKey(person: Values, oneTime: Values): Uint8Array {
  return signOneTimeKey(crypto, crypto.p256.privateKey(bytesOf(person, 'krDs')), {
    jid: textOf(person, 'jid'),
    deviceId: bytesOf(person, 'deviceId'),
    id: numberOf(oneTime, 'id'),
    key: crypto.p256.privateKey(bytesOf(oneTime, 'secret')).publicKey.bytes,
  });
}

const nothing = new Uint8Array(0);

/** What a directory gives of a person; `oneTime` without keys stands for none. */
export function bundleOf(person: Values, prekey: Values, oneTime: Values): RawContactBundle {
  const { krA, certificate, deviceList } = identityOf(person);
  return {
    kuA: krA.publicKey.bytes,
    list: deviceList,
    devices: [
      {
        certificate,
        prekey: signedPrekey(person, prekey),
        oneTime: 'id' in oneTime ? signedOneTimeKey(person, oneTime) : nothing,
      },
    ],
  };
}

/** The private parts of what the inputs `prekey` and `oneTime` offer. */
export function ownKeysOf(person: Values, inputs: Values): OwnKeys {
  const prekey = valuesOf(inputs, 'prekey');
  const oneTime = valuesOf(inputs, 'oneTime');
  return {
    prekey: (id) =>
      id === numberOf(prekey, 'id')
        ? {
            secret: crypto.p256.privateKey(bytesOf(prekey, 'y')),
            decapsulation: crypto.mlKem768.decapsulationKey(bytesOf(prekey, 'kemSeed')),
            body: prekeyBody.decode(signedObject.decode(signedPrekey(person, prekey)).body),
          }
        : undefined,
    oneTime: (id) =>
      'id' in oneTime && id === numberOf(oneTime, 'id')
        ? crypto.p256.privateKey(bytesOf(oneTime, 'secret'))
        : undefined,
  };
}
