// The devices of a contact after a newer list (docs/protocol.md §9.1). A device
// is one certificate: the same id with other keys is another device.
import { equalBytes, toHex } from '../../shared/bytes.ts';
import type { Crypto } from '../../shared/crypto/provider.ts';
import type { BundleDevice } from '../../shared/simpp/bundle-device.ts';
import { certificateHash } from '../../shared/simpp/certificate.ts';
import type { Bundle } from '../../shared/simpp/contact-bundle.ts';
import { certificateBody, deviceListBody, signedObject } from '../../shared/simpp/messages.ts';
import type { ContactRecord, DeviceRecord } from './records.ts';

/** A device that was not there before. A `new-device`, of a verified contact, blocks sending until it is decided. */
export interface DeviceChange {
  readonly kind: 'new-device' | 'device-added';
  readonly deviceId: string;
}

/** The devices as the bundle of the pinned KU_A leaves them; `now` is in milliseconds. */
export function devicesAfter(
  crypto: Crypto,
  known: { readonly contact: ContactRecord; readonly devices: readonly DeviceRecord[] },
  bundle: Bundle,
  now: number,
): { readonly devices: readonly DeviceRecord[]; readonly changes: readonly DeviceChange[] } {
  const { contact } = known;
  const isFirst = contact.list === undefined;
  const before = new Map(known.devices.map((device) => [device.deviceId, device]));
  const changes: DeviceChange[] = [];
  const devices = new Map<string, DeviceRecord>();
  for (const seen of bundle.devices) {
    const deviceId = toHex(seen.deviceId);
    const record = before.get(deviceId);
    if (record !== undefined && record.state !== 'removed' && hasSameKeys(record, seen)) {
      devices.set(deviceId, { ...record, certificate: seen.certificateEncoded, prekey: seen.prekeyEncoded });
      continue;
    }
    const isVerified = contact.trust === 'verified' && !isFirst;
    devices.set(deviceId, {
      jid: contact.jid,
      deviceId,
      certificate: seen.certificateEncoded,
      prekey: seen.prekeyEncoded,
      state: isVerified ? 'new' : 'listed',
      since: now,
    });
    if (isVerified) changes.push({ kind: 'new-device', deviceId });
    else if (!isFirst) changes.push({ kind: 'device-added', deviceId });
  }
  const named = new Set(namesOf(bundle).map(toHex));
  const retired = new Set(bundle.skipped.flatMap((each) => (each.isRetired === true ? [toHex(each.deviceId!)] : [])));
  for (const record of known.devices) {
    if (devices.has(record.deviceId)) continue;
    // Skipped is not removed: its sessions go on, only no new one can begin.
    const isListed = named.has(toHex(certificateHash(crypto, record.certificate))) && !retired.has(record.deviceId);
    devices.set(record.deviceId, isListed ? record : { ...record, state: 'removed', prekey: undefined });
  }
  return { devices: [...devices.values()], changes };
}

function namesOf({ list }: Bundle): readonly Uint8Array[] {
  return deviceListBody.decode(signedObject.decode(list.encoded).body).certificates;
}

/** A certificate that was only renewed, with other dates, is of the same device. */
function hasSameKeys(record: DeviceRecord, seen: BundleDevice): boolean {
  const { kuDs, kuDd } = certificateBody.decode(signedObject.decode(record.certificate).body);
  return equalBytes(kuDs, seen.certificate.kuDs) && equalBytes(kuDd, seen.certificate.kuDd);
}
