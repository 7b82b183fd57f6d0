// The messages of C1–C7 in profile simpp-2, each declared once (docs/protocol.md
// §9). What a directory gives away is signed; what travels is sealed.
import { bytes, fixed, list, rest, text, u32, u64 } from '../codec/field.ts';
import { message, type ValuesOf } from '../codec/message.ts';
import { maxDevices, maxJidBytes } from './messages.ts';

const jid = text(1, maxJidBytes);
const point = fixed(65);
const deviceId = fixed(16);
const hash = fixed(32);
const signed = bytes(1, 4096);
/** A signed object, or nothing. */
const optionalSigned = bytes(0, 4096);
/** ML-KEM-768 (FIPS 203 §8): encapsulation key and ciphertext. */
const encapsulationKey = fixed(1184);
const kemCiphertext = fixed(1088);

/** Most wraps in one message: each device of the contact, and each other one of one's own. */
export const maxWraps = 2 * maxDevices;
/** Longest envelope: what a server takes in one stanza is less. */
export const maxEnvelopeBytes = 1024 * 1024;

/** What KR_Ds signs to offer its share ahead (the paper's C4): G_y and a KEM key, rotated together (§9.1). */
export const prekeyBody = message('PrekeyBody', 0x34, {
  jid,
  deviceId,
  id: u64,
  gY: point,
  ek: encapsulationKey,
  issued: u64,
  epoch: u64,
});

/** What KR_Ds signs to offer a key that is used once. */
export const oneTimeBody = message('OneTimeBody', 0x35, { jid, deviceId, id: u64, key: point });

/** What KR_Ds signs to retire its device. */
export const tombstoneBody = message('TombstoneBody', 0x36, { jid, deviceId, at: u64 });

/** What the old KR_A signs to name the next KU_A. */
export const rolloverBody = message('RolloverBody', 0x37, { jid, kuA: point, nextKuA: point, issued: u64 });

/** The PEP item of an account: who its devices are. */
export const deviceSet = message('DeviceSet', 0x38, {
  kuA: point,
  list: signed,
  certificates: list(signed, 0, maxDevices),
  rollover: optionalSigned,
});

/** The PEP item of a device. */
export const devicePrekey = message('DevicePrekey', 0x39, { prekey: optionalSigned, tombstone: optionalSigned });

/** Begins a session; repeated in each message until one has come back (§9.2). */
export const c3 = message('C3', 0x50, {
  prekeyId: u64,
  /** 0 where none was used. */
  oneTimeId: u64,
  gX: point,
  ct: kemCiphertext,
  kuA: point,
  list: signed,
  certificate: signed,
  recipientListVersion: u64,
});

/** Header of a wrap in its ratchet (§9.3). */
export const ratchetHeader = message('RatchetHeader', 0x51, {
  dh: point,
  previous: u32(),
  number: u32(),
  salt: fixed(16),
});

/** The key of a message for one device (§9.4). */
export const wrap = message('Wrap', 0x52, {
  deviceId,
  sessionId: hash,
  header: bytes(1, 128),
  c3: bytes(0, 12_000),
  sealed: bytes(80, 144),
});

/** A message: the payload, and its key for each device. C6 from A to B, C7 from B to A. */
export const c6 = message('C6', 0x53, {
  deviceId,
  commitment: hash,
  wraps: list(bytes(1, 13_000), 0, maxWraps),
  payload: rest(16, maxEnvelopeBytes + 8 * 1024),
});

/** What the payload seals: the device lists as the sender knows them, and the XEP-0420 envelope. */
export const content = message('Content', 0x54, {
  senderListVersion: u64,
  senderListHash: hash,
  recipientListVersion: u64,
  recipientListHash: hash,
  envelope: rest(1, maxEnvelopeBytes),
});

export type PrekeyBody = ValuesOf<typeof prekeyBody>;
export type OneTimeBody = ValuesOf<typeof oneTimeBody>;
export type TombstoneBody = ValuesOf<typeof tombstoneBody>;
export type RolloverBody = ValuesOf<typeof rolloverBody>;
export type C3 = ValuesOf<typeof c3>;
export type RatchetHeader = ValuesOf<typeof ratchetHeader>;
export type Wrap = ValuesOf<typeof wrap>;
export type C6 = ValuesOf<typeof c6>;
export type Content = ValuesOf<typeof content>;
