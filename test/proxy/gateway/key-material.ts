// What devices publish, for tests: signed as a device would sign it.
import type { PrivateKey } from '../../../shared/crypto/provider.ts';
import { certificateHash, signCertificate, signDeviceList } from '../../../shared/simpp/certificate.ts';
import type { CertificateBody, DeviceListBody } from '../../../shared/simpp/messages.ts';
import { signOneTimeKey, signPrekey, signTombstone } from '../../../shared/simpp/prekey.ts';
import { newDevice, now, type TestDevice } from '../../shared/simpp/exchange.ts';
import { crypto } from './world.ts';

type Owner = Pick<TestDevice, 'jid' | 'krA'>;

/** A list of the given version that names the devices. */
export function listOf(
  { jid, krA }: Owner,
  version: number,
  devices: readonly Pick<TestDevice, 'certificate'>[],
  changes: Partial<DeviceListBody> = {},
): Uint8Array {
  return signDeviceList(crypto, krA, {
    jid,
    kuA: krA.publicKey.bytes,
    version,
    issued: now - 5,
    certificates: devices.map(({ certificate }) => certificateHash(crypto, certificate)),
    ...changes,
  });
}

/** The device as the account certifies it: its own id and keys, another signer. */
export function certifiedBy(
  { jid, krA }: Owner,
  { deviceId, krDs, krDd }: TestDevice,
  changes: Partial<CertificateBody> = {},
): Uint8Array {
  return signCertificate(crypto, krA, {
    jid,
    deviceId,
    kuDs: krDs.publicKey.bytes,
    kuDd: krDd.publicKey.bytes,
    notBefore: now - 10,
    notAfter: now + 1000,
    ...changes,
  });
}

/** A second device of an account, with a list of version 2 that names both. */
export function sibling(first: TestDevice): TestDevice {
  const device = newDevice(crypto, first.jid, first.krA);
  return { ...device, deviceList: listOf(first, 2, [first, device]) };
}

export function prekeyOf(
  { jid, deviceId, krDs }: TestDevice,
  changes: { readonly issued?: number; readonly signer?: PrivateKey; readonly deviceId?: Uint8Array } = {},
): Uint8Array {
  return signPrekey(crypto, changes.signer ?? krDs, {
    jid,
    deviceId: changes.deviceId ?? deviceId,
    id: 77,
    gY: crypto.p256.generate().publicKey.bytes,
    ek: crypto.mlKem768.generate().encapsulationKey.bytes,
    issued: changes.issued ?? now,
    epoch: 1,
  });
}

export function oneTimeKeysOf({ jid, deviceId, krDs }: TestDevice, count: number, from = 1): Uint8Array[] {
  return Array.from({ length: count }, (_, at) =>
    signOneTimeKey(crypto, krDs, { jid, deviceId, id: from + at, key: crypto.p256.generate().publicKey.bytes }),
  );
}

export function tombstoneOf({ jid, deviceId, krDs }: TestDevice): Uint8Array {
  return signTombstone(crypto, krDs, { jid, deviceId, at: now });
}
