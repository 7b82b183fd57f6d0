// Control messages inside a channel (docs/protocol.md §8): what proxy and
// gateway tell each other without touching the XMPP stream. Each fills one
// record, padded so that its kind does not show.
import { bytes, fixed, list, text, u64, u8 } from '../codec/field.ts';
import { decodeOneOf, message, type Chosen } from '../codec/message.ts';
import { SimppError } from '../errors.ts';
import { classicC1Answer, classicC1Request } from './classic/messages.ts';
import { maxDevices, maxJidBytes } from './messages.ts';

/** Control records are padded to a multiple of this many bytes. */
export const controlPaddingBytes = 512;

/** A handshake message (M1–M3) of an enrolment inside a guest's channel, either direction. */
export const enrol = message('Enrol', 0x61, { handshake: bytes(1, 8192) });

/** S → A: the enrolment was refused, without a reason; the login goes on. */
export const enrolRefused = message('EnrolRefused', 0x62, {});

/** What became of a device at the directory; the order is the encoding. */
export const identityStatuses = ['known', 'registered', 'pending'] as const;

/** S → A, once the server has bound a JID: who the directory says this device is. */
export const identity = message('Identity', 0x63, {
  jid: text(1, maxJidBytes),
  status: u8(identityStatuses.length - 1),
  listVersion: u64,
  stateEpoch: u64,
});

/** Why a gateway ends a channel; the order is the encoding. */
export const goodbyeReasons = [
  'server-unreachable',
  'jid-mismatch',
  'policy',
  'shutdown',
  'protocol-error',
  'internal-error',
] as const;

/** S → A: why the channel ends, in words for a person. A close record follows. */
export const goodbye = message('Goodbye', 0x64, { reason: u8(goodbyeReasons.length - 1), text: text(0, 512) });

const signed = bytes(1, 4096);
const optionalSigned = bytes(0, 4096);

/** Most one-time keys of a device that a gateway keeps, and that one message brings. */
export const maxOneTimeKeys = 100;
/** Most devices in an answer: those listed, and to their own account also those that wait. */
export const maxEntryDevices = maxDevices + 10;

/** A → S: what others must know of this account and device (§9.1); the list and its certificates only when they are new. */
export const publish = message('Publish', 0x65, {
  request: u64,
  list: optionalSigned,
  rollover: optionalSigned,
  certificates: list(signed, 0, maxDevices),
  prekey: optionalSigned,
  tombstone: optionalSigned,
});

/** A → S: further one-time keys of this device, `OneTimeBody` signed. */
export const oneTimeKeys = message('OneTimeKeys', 0x66, { request: u64, keys: list(signed, 1, 32) });

/** What became of a Publish or OneTimeKeys; the order is the encoding. */
export const publishOutcomes = ['taken', 'refused', 'too-many', 'failed'] as const;

/** S → A: the answer to Publish and OneTimeKeys. */
export const published = message('Published', 0x67, {
  request: u64,
  outcome: u8(publishOutcomes.length - 1),
  listVersion: u64,
  oneTimeKeysLeft: u8(maxOneTimeKeys),
});

/** A → S: asks for the bundle of a JID; with `oneTime` 1 each device comes with a one-time key, where there is one. */
export const fetch = message('Fetch', 0x68, { request: u64, jid: text(1, maxJidBytes), oneTime: u8(1) });

/** What a directory says of a JID; the order is the encoding. `unknown`: certainly no keys. */
export const entryOutcomes = ['found', 'unknown', 'too-many', 'failed', 'foreign'] as const;

/** S → A: the answer to Fetch; `devices` further messages EntryDevice follow. */
export const entry = message('Entry', 0x69, {
  request: u64,
  outcome: u8(entryOutcomes.length - 1),
  kuA: bytes(0, 65),
  list: optionalSigned,
  rollover: optionalSigned,
  devices: u8(maxEntryDevices),
});

/** How a device stands in the directory; the order is the encoding. */
export const entryDeviceStatuses = ['listed', 'pending'] as const;

/** S → A: one device of an Entry. */
export const entryDevice = message('EntryDevice', 0x6a, {
  request: u64,
  status: u8(entryDeviceStatuses.length - 1),
  deviceId: fixed(16),
  certificate: signed,
  prekey: optionalSigned,
  oneTime: optionalSigned,
  tombstone: optionalSigned,
});

/** S → A: the entry of this JID has changed. */
export const changed = message('Changed', 0x6b, { jid: text(1, maxJidBytes) });

const controlMessages = [
  enrol,
  enrolRefused,
  identity,
  goodbye,
  publish,
  oneTimeKeys,
  published,
  fetch,
  entry,
  entryDevice,
  changed,
  classicC1Request,
  classicC1Answer,
] as const;

/** A decoded control message. */
export type Control = Chosen<(typeof controlMessages)[number]>;

/** Pads an encoded control message: its length in two bytes, itself, zeros. */
export function padControl(encoded: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil((encoded.length + 2) / controlPaddingBytes) * controlPaddingBytes);
  padded[0] = encoded.length >> 8;
  padded[1] = encoded.length & 0xff;
  padded.set(encoded, 2);
  return padded;
}

/** Reads a control record; canonical padding is required. */
export function readControl(plaintext: Uint8Array): Control {
  const length = (plaintext[0] ?? 0) * 256 + (plaintext[1] ?? 0);
  const paddedLength = Math.ceil((length + 2) / controlPaddingBytes) * controlPaddingBytes;
  if (plaintext.length !== paddedLength || plaintext.subarray(2 + length).some((byte) => byte !== 0)) {
    throw new SimppError('malformed-message', 'a control record is padded wrongly');
  }
  return decodeOneOf(controlMessages, plaintext.subarray(2, 2 + length));
}
