// Control messages inside a channel (docs/protocol.md §8): what proxy and
// gateway tell each other without touching the XMPP stream. Each fills one
// record, padded so that its kind does not show.
import { bytes, text, u64, u8 } from '../codec/field.ts';
import { decodeOneOf, message, type Chosen } from '../codec/message.ts';
import { SimppError } from '../errors.ts';
import { maxJidBytes } from './messages.ts';

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

const controlMessages = [enrol, enrolRefused, identity, goodbye] as const;

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
