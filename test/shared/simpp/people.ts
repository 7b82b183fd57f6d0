// People with devices for the tests of client to client (docs/protocol.md §9):
// account keys, certificates, prekeys, one-time keys, and what a directory gives.
import { toHex } from '../../../shared/bytes.ts';
import type { Crypto, PrivateKey } from '../../../shared/crypto/provider.ts';
import type { OwnKeys, OwnPrekey } from '../../../shared/simpp/accept-session.ts';
import type { RawBundleDevice } from '../../../shared/simpp/bundle-device.ts';
import { certificateHash, signCertificate, signDeviceList } from '../../../shared/simpp/certificate.ts';
import type { RawContactBundle } from '../../../shared/simpp/contact-bundle.ts';
import type { PrekeyBody } from '../../../shared/simpp/end-to-end-messages.ts';
import { systemEntropy } from '../../../shared/simpp/entropy.ts';
import type { CertificateBody } from '../../../shared/simpp/messages.ts';
import { signOneTimeKey, signPrekey } from '../../../shared/simpp/prekey.ts';
import type { OwnDevice, SessionContext } from '../../../shared/simpp/session.ts';

export const now = 1_800_000_000;
export const day = 24 * 3600;

export const contextOf = (crypto: Crypto): SessionContext => ({ crypto, entropy: systemEntropy(crypto), now });

/** A device with its private keys, before the list names it. */
export interface TestDevice {
  readonly signing: PrivateKey;
  readonly agreement: PrivateKey;
  readonly certificate: Uint8Array;
  readonly body: CertificateBody;
  readonly prekey: OwnPrekey;
  readonly raw: RawBundleDevice;
  /** The one-time keys that are left, by id. */
  readonly oneTime: Map<number, PrivateKey>;
}

export interface DeviceOptions {
  readonly certificate?: Partial<CertificateBody>;
  readonly prekey?: Partial<PrekeyBody>;
  readonly oneTimeId?: number;
}

export function newDevice(crypto: Crypto, jid: string, krA: PrivateKey, options: DeviceOptions = {}): TestDevice {
  const signing = crypto.p256.generate();
  const agreement = crypto.p256.generate();
  const body: CertificateBody = {
    jid,
    deviceId: crypto.randomBytes(16),
    kuDs: signing.publicKey.bytes,
    kuDd: agreement.publicKey.bytes,
    notBefore: now - 10,
    notAfter: now + 100 * day,
    ...options.certificate,
  };
  const certificate = signCertificate(crypto, krA, body);
  const secret = crypto.p256.generate();
  const decapsulation = crypto.mlKem768.generate();
  const { deviceId } = body;
  const prekeyBody: PrekeyBody = {
    jid,
    deviceId,
    id: 7,
    gY: secret.publicKey.bytes,
    ek: decapsulation.encapsulationKey.bytes,
    issued: now - 100,
    epoch: 1,
    ...options.prekey,
  };
  const oneTimeKey = crypto.p256.generate();
  const oneTimeId = options.oneTimeId ?? 9;
  return {
    signing,
    agreement,
    certificate,
    body,
    prekey: { secret, decapsulation, body: prekeyBody },
    oneTime: new Map([[oneTimeId, oneTimeKey]]),
    raw: {
      certificate,
      prekey: signPrekey(crypto, signing, prekeyBody),
      oneTime: signOneTimeKey(crypto, signing, { jid, deviceId, id: oneTimeId, key: oneTimeKey.publicKey.bytes }),
    },
  };
}

/** An account with devices, all of them listed. */
export interface TestPerson {
  readonly jid: string;
  readonly krA: PrivateKey;
  readonly devices: readonly TestDevice[];
  readonly list: Uint8Array;
  readonly listVersion: number;
  readonly bundle: RawContactBundle;
}

export function personOf(
  crypto: Crypto,
  jid: string,
  krA: PrivateKey,
  devices: readonly TestDevice[],
  listVersion = 1,
  issued = now - 5,
): TestPerson {
  const list = signDeviceList(crypto, krA, {
    jid,
    kuA: krA.publicKey.bytes,
    version: listVersion,
    issued,
    certificates: devices.map(({ certificate }) => certificateHash(crypto, certificate)),
  });
  const bundle = { kuA: krA.publicKey.bytes, list, devices: devices.map(({ raw }) => raw) };
  return { jid, krA, devices, list, listVersion, bundle };
}

export function newPerson(crypto: Crypto, jid: string, deviceCount = 1): TestPerson {
  const krA = crypto.p256.generate();
  const devices = Array.from({ length: deviceCount }, () => newDevice(crypto, jid, krA));
  return personOf(crypto, jid, krA, devices);
}

/** A device of a person as it takes part in sessions. */
export function ownDevice(crypto: Crypto, person: TestPerson, at = 0): OwnDevice {
  const { body, certificate, signing, agreement } = person.devices[at]!;
  return {
    jid: person.jid,
    kuA: person.krA.publicKey.bytes,
    list: person.list,
    listVersion: person.listVersion,
    certificate,
    certificateName: certificateHash(crypto, certificate),
    deviceId: body.deviceId,
    signing,
    agreement,
  };
}

export function keysOf({ prekey, oneTime }: TestDevice): OwnKeys {
  return {
    prekey: (id) => (id === prekey.body.id ? prekey : undefined),
    oneTime: (id) => oneTime.get(id),
  };
}

/** Skipped keys as a store keeps them. */
export class SkippedStore {
  readonly #keys = new Map<string, Uint8Array>();

  get size(): number {
    return this.#keys.size;
  }

  readonly find = (dh: Uint8Array, number: number): Uint8Array | undefined => this.#keys.get(`${toHex(dh)} ${number}`);

  keep({
    added,
    used,
  }: {
    readonly added: readonly { readonly dh: Uint8Array; readonly number: number; readonly key: Uint8Array }[];
    readonly used?: { readonly dh: Uint8Array; readonly number: number } | undefined;
  }): void {
    for (const { dh, number, key } of added) this.#keys.set(`${toHex(dh)} ${number}`, key);
    if (used !== undefined) this.#keys.delete(`${toHex(used.dh)} ${used.number}`);
  }
}
