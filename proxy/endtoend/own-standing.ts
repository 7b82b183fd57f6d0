// How this device stands in its account, and the place that an entry gives it.
import { equalBytes, toHex } from '../../shared/bytes.ts';
import type { Crypto } from '../../shared/crypto/provider.ts';
import { SimppError } from '../../shared/errors.ts';
import { openCertificate, openDeviceList } from '../../shared/simpp/certificate.ts';
import type { Bundle } from '../../shared/simpp/contact-bundle.ts';
import type { PrekeyBody } from '../../shared/simpp/end-to-end-messages.ts';
import { certificateBody, deviceListBody, signedObject, type CertificateBody } from '../../shared/simpp/messages.ts';
import type { AccountIdentity } from '../identity/account-identity.ts';
import { adopted } from '../identity/membership.ts';
import type { Target } from './contact-book.ts';
import type { Found, RawBundle, WaitingDevice } from './directory.ts';
import type { OwnKeyring } from './own-keyring.ts';

/** `listed`: others write to this device. `waiting`: another one must approve it. `unknown`: not published yet. */
export type Standing = 'listed' | 'waiting' | 'unknown';

/** What the person must hear of. */
export type OwnNotice =
  | { readonly kind: 'device-waiting'; readonly device: WaitingDevice }
  | { readonly kind: 'device-added'; readonly deviceId: string }
  | { readonly kind: 'removed' }
  /** A directory shows an older list than was published. */
  | { readonly kind: 'list-rolled-back'; readonly seen: number; readonly known: number }
  | { readonly kind: 'other-key'; readonly kuA: Uint8Array }
  | { readonly kind: 'not-published'; readonly reason: string };

/**
 * Our identity with the place that this entry gives it; a list may name our certificate where the directory lacks it.
 * `now` in seconds since 1970.
 */
export function placeIn(
  raw: RawBundle,
  identity: AccountIdentity,
  crypto: Crypto,
  now: number,
): AccountIdentity | undefined {
  const given = raw.devices.map(({ certificate }) => certificate).filter((each) => isOf(each, identity.deviceId));
  for (const certificate of [...given, identity.certificate]) {
    const member = adopted(identity, { kuA: raw.kuA, certificate, list: raw.list }, crypto, now);
    if (member !== undefined) return member;
  }
  return undefined;
}

export const bodyOf = (certificate: Uint8Array): CertificateBody =>
  certificateBody.decode(signedObject.decode(certificate).body);

function isOf(certificate: Uint8Array, deviceId: Uint8Array): boolean {
  try {
    return equalBytes(bodyOf(certificate).deviceId, deviceId);
  } catch (error) {
    if (error instanceof SimppError) return false;
    throw error;
  }
}

export const idOf = ({ deviceId }: { readonly deviceId: Uint8Array }): Uint8Array => deviceId;

/** A device that nobody has listed yet makes an account of its own only where it is certain that there is none. */
export function standingWithoutEntry({ state }: AccountIdentity, found: readonly Found[]): Standing {
  if (state === 'pending') return 'waiting';
  return state === 'registered' || found.every(({ kind }) => kind !== 'failed') ? 'listed' : 'unknown';
}

/** The devices of a bundle but this one. */
export function targetsIn(bundle: Bundle | undefined, own: Uint8Array): readonly Target[] {
  const others = (bundle?.devices ?? []).filter(({ deviceId }) => !equalBytes(deviceId, own));
  return others.map((device) => ({ deviceId: toHex(device.deviceId), device }));
}

/** Names of the certificates that a list names, in hexadecimal; the list was checked when it was taken. */
export function namesIn(list: Uint8Array): readonly string[] {
  return deviceListBody.decode(signedObject.decode(list).body).certificates.map(toHex);
}

/** Device ids of those certificates that were seen. */
export function idsIn(certificates: readonly (Uint8Array | undefined)[]): ReadonlySet<string> {
  return new Set(certificates.filter((each) => each !== undefined).map((each) => toHex(bodyOf(each).deviceId)));
}

/** Whether a prekey of ours, as it is published, was made after what is here was copied (§9.8). */
export function showsOlderCopy(published: PrekeyBody, keyring: OwnKeyring, epoch: number): boolean {
  const isUnknown = published.epoch === epoch && keyring.prekey(published.id) === undefined;
  // One that is older than ours was erased in time: whoever shows it again says nothing about us.
  const isLater = published.issued * 1000 >= keyring.newestIssuedAt - 1000;
  return published.epoch > epoch || (isUnknown && isLater);
}

/** The certificates of an entry that its own list names and its KU_A has signed, by their names in hexadecimal. */
export function listedIn(
  raw: RawBundle,
  { kuA }: Bundle,
  crypto: Crypto,
  now: number,
): ReadonlyMap<string, Uint8Array> {
  const { list } = openDeviceList(crypto, kuA, raw.list, now);
  const listed = new Map<string, Uint8Array>();
  for (const { certificate } of raw.devices) {
    try {
      listed.set(toHex(openCertificate(crypto, kuA, list, certificate, now).name), certificate);
    } catch (error) {
      // A directory may add what it likes: it is not published again in our name.
      if (!(error instanceof SimppError)) throw error;
    }
  }
  return listed;
}
