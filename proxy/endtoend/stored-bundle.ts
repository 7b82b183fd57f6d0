// A contact's stored records as a bundle, and with what a first message brought
// of its sender (docs/protocol.md §9.2).
import { equalBytes, toHex } from '../../shared/bytes.ts';
import type { SessionSender } from '../../shared/simpp/accept-session.ts';
import { certificateBody, signedObject } from '../../shared/simpp/messages.ts';
import type { RawBundle } from './directory.ts';
import type { DeviceRecord } from './records.ts';
import type { Known, TrustNotice } from './trust.ts';

/** Removed devices of a contact that are remembered. */
const maxGone = 32;

/** Devices that are gone are kept for who looks at them, but not without end: how many come and go is the contact's choice. */
export function longGone(devices: readonly DeviceRecord[]): readonly DeviceRecord[] {
  const gone = devices.filter(({ state }) => state === 'removed');
  return gone.toSorted((a, b) => b.since - a.since).slice(maxGone);
}

/** Whether it is the device that has written: the same id with other keys is another one. */
export function hasKeysOf(device: DeviceRecord, { certificate }: SessionSender): boolean {
  const { kuDs, kuDd } = certificateBody.decode(signedObject.decode(device.certificate).body);
  return equalBytes(kuDs, certificate.kuDs) && equalBytes(kuDd, certificate.kuDd);
}

/** The stored records as a directory would give them. */
export function rawOf({ contact, devices }: Known): RawBundle {
  return {
    kuA: contact.kuA ?? new Uint8Array(0),
    list: contact.list ?? new Uint8Array(0),
    devices: devices
      .filter(({ state }) => state !== 'removed')
      .map(({ certificate, prekey }) => ({ certificate, prekey })),
  };
}

/** The same with the list and certificate that a first message brought. */
export function withDevice(raw: RawBundle, sender: SessionSender): RawBundle {
  const others = raw.devices.filter(({ certificate }) => !equalBytes(certificate, sender.certificateEncoded));
  return {
    kuA: sender.kuA.bytes,
    list: sender.list.encoded,
    devices: [...others, { certificate: sender.certificateEncoded }],
  };
}

/** A device that has written is one of the list's, though its prekey is not known yet; of a verified contact it is to be decided. */
export function withMet(
  { contact, devices }: Known,
  jid: string,
  { certificate, certificateEncoded }: SessionSender,
  now: number,
): { readonly devices: readonly DeviceRecord[]; readonly notices: readonly TrustNotice[] } {
  const deviceId = toHex(certificate.deviceId);
  if (devices.some((device) => device.deviceId === deviceId && device.state !== 'removed')) {
    return { devices, notices: [] };
  }
  const isVerified = contact.trust === 'verified';
  const state = isVerified ? 'new' : 'listed';
  const met: DeviceRecord = { jid, deviceId, certificate: certificateEncoded, state, since: now };
  return {
    devices: [...devices.filter((device) => device.deviceId !== deviceId), met],
    notices: isVerified ? [{ kind: 'new-device', deviceId }] : [],
  };
}
