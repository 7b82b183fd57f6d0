// One device of a bundle (docs/protocol.md §9.1): certificate against the
// list, tombstone, prekey, one-time key. Its keys are imported here, once;
// that is also the check of every point and of the encapsulation key.
import type { Crypto, EncapsulationKey, PublicKey } from '../crypto/provider.ts';
import { SimppError } from '../errors.ts';
import { clockToleranceSeconds, openCertificate, type OpenedCertificate } from './certificate.ts';
import type { OneTimeBody, PrekeyBody } from './end-to-end-messages.ts';
import { certificateBody, signedObject, type CertificateBody, type DeviceListBody } from './messages.ts';
import {
  openOneTimeKey,
  openPrekey,
  openTombstone,
  prekeyDeadSeconds,
  prekeyStaleSeconds,
  type DeviceIdentity,
} from './prekey.ts';

/** One device as a directory gives it; nothing is checked yet. An absent part may also be empty. */
export interface RawBundleDevice {
  readonly certificate: Uint8Array;
  readonly prekey?: Uint8Array | undefined;
  readonly oneTime?: Uint8Array | undefined;
  readonly tombstone?: Uint8Array | undefined;
}

/** A device that can be written to, everything checked and imported. */
export interface BundleDevice {
  readonly deviceId: Uint8Array;
  readonly certificate: CertificateBody;
  readonly certificateEncoded: Uint8Array;
  readonly certificateName: Uint8Array;
  readonly kuDs: PublicKey;
  readonly kuDd: PublicKey;
  readonly prekey: PrekeyBody;
  readonly prekeyEncoded: Uint8Array;
  readonly gY: PublicKey;
  readonly ek: EncapsulationKey;
  /** The prekey is older than 30 days: a sender warns. */
  readonly isStale: boolean;
  readonly oneTime?: (OneTimeBody & { readonly point: PublicKey }) | undefined;
}

/** What became of one device; `name` is that of its certificate, where that one holds. */
export type OpenedDevice =
  | { readonly kind: 'device'; readonly name: Uint8Array; readonly device: BundleDevice }
  | {
      readonly kind: 'skipped';
      readonly name?: Uint8Array | undefined;
      readonly deviceId?: Uint8Array | undefined;
      readonly reason: string;
      /** It has signed its own tombstone: nothing is sealed for it again. */
      readonly isRetired?: boolean;
    };

/** The result, or undefined where the peer's bytes do not hold. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof SimppError) return undefined;
    throw error;
  }
}

const present = (encoded: Uint8Array | undefined): encoded is Uint8Array => encoded !== undefined && encoded.length > 0;

/** Checks one device at `now` (seconds since 1970) against a list that is opened already. */
export function openBundleDevice(
  crypto: Crypto,
  kuA: PublicKey,
  list: DeviceListBody,
  raw: RawBundleDevice,
  now: number,
): OpenedDevice {
  const opened = attempt(() => openCertificate(crypto, kuA, list, raw.certificate, now));
  if (opened === undefined) {
    // Only for the reader of the reason: nothing about this id is proved.
    const claimed = attempt(() => certificateBody.decode(signedObject.decode(raw.certificate).body));
    return {
      kind: 'skipped',
      deviceId: claimed?.deviceId,
      reason: 'Its certificate is not valid now, or the device list does not name it.',
    };
  }
  const { certificate, name } = opened;
  const skip = (reason: string, isRetired = false): OpenedDevice => ({
    kind: 'skipped',
    name,
    deviceId: certificate.deviceId,
    reason,
    isRetired,
  });

  const kuDs = attempt(() => crypto.p256.publicKey(certificate.kuDs));
  if (kuDs === undefined) return skip('Its certificate holds an invalid key.');
  const identity = { certificate, kuDs };
  const { tombstone, prekey } = raw;
  if (present(tombstone) && attempt(() => openTombstone(crypto, identity, tombstone)) !== undefined) {
    return skip('The device has retired itself.', true);
  }
  if (!present(prekey)) return skip('The device has published no prekey.');
  const device = attempt(() => importDevice(crypto, opened, identity, raw, prekey, now));
  if (device === undefined) return skip('Its prekey is not valid.');
  if (device.prekey.issued < now - prekeyDeadSeconds) {
    return skip('It has not been online for 90 days: its prekey is too old.');
  }
  return { kind: 'device', name, device };
}

function importDevice(
  crypto: Crypto,
  { certificate, name }: OpenedCertificate,
  identity: DeviceIdentity,
  raw: RawBundleDevice,
  prekeyEncoded: Uint8Array,
  now: number,
): BundleDevice {
  const prekey = openPrekey(crypto, identity, prekeyEncoded);
  if (prekey.issued > now + clockToleranceSeconds) {
    throw new SimppError('handshake-failed', 'the prekey is not valid at this time');
  }
  return {
    deviceId: certificate.deviceId,
    certificate,
    certificateEncoded: raw.certificate,
    certificateName: name,
    kuDs: identity.kuDs,
    kuDd: crypto.p256.publicKey(certificate.kuDd),
    prekey,
    prekeyEncoded,
    gY: crypto.p256.publicKey(prekey.gY),
    ek: crypto.mlKem768.encapsulationKey(prekey.ek),
    isStale: prekey.issued < now - prekeyStaleSeconds,
    oneTime: importOneTimeKey(crypto, identity, raw.oneTime),
  };
}

/** A one-time key that does not hold counts as none: the session is begun without it. */
function importOneTimeKey(
  crypto: Crypto,
  identity: DeviceIdentity,
  encoded: Uint8Array | undefined,
): BundleDevice['oneTime'] {
  if (!present(encoded)) return undefined;
  return attempt(() => {
    const body = openOneTimeKey(crypto, identity, encoded);
    return { ...body, point: crypto.p256.publicKey(body.key) };
  });
}
