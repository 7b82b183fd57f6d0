// All labels, in one table (docs/protocol.md §2.3, §2.4). A label separates
// one use of a hash, key or signature from every other; none is used twice.
import { utf8 } from '../bytes.ts';

/** What each label is for; the keys are the labels as they stand on the wire after "simpp-2/". */
export const labels = {
  // Signatures: "contexts".
  'device-cert': 'KR_A certifies a device',
  'device-list': 'KR_A lists the devices',
  R3: 'KR_A signs the registration challenge',
  tombstone: 'a device retires itself',
  prekey: 'a device offers G_y and a KEM key',
  'one-time': 'a device offers a one-time key',
  reset: 'the old KR_A names the next one',
  C3: 'a device begins a session',
  // Hashes.
  'device-cert-hash': 'names a device certificate in the device list',
  'device-list-hash': 'names a device list',
  fingerprint: "a person's fingerprint",
  'gateway-fingerprint': "a gateway's fingerprint",
  'h-id-ku': 'h(ID_A, KU_A) in R2',
  'h-id-kas': 'h(ID_A, K_AS) in S2',
  'h-rs': 'h(R_S) in S3',
  approval: 'the code of a device that waits for approval',
  'c3-transcript': 'the transcript TH of a session',
  'session-id': 'names a session',
  'c6-binding': 'binds every wrap of a message to its payload',
  'sas-commit': 'the commitment of a verification',
  sas: 'the digits of a verification',
  // Key derivation.
  recovery: 'KR_A from a recovery phrase',
  prologue: 'the context of a handshake',
  'k-as': 'K_AS',
  confirm: 'the key that seals S3 and R3',
  'records-client': 'record key, A to S',
  'records-gateway': 'record key, S to A',
  'record-rekey': 'the next record key of a direction',
  'record-mix': 'a record key with K_AS of an enrolment mixed in',
  'k-ab': 'K_AB',
  'ratchet-root': 'root and chain key of a ratchet step',
  'ratchet-chain': 'the next chain key',
  'ratchet-message': 'a message key',
  'message-key': 'key and nonce of a wrap',
  payload: 'the key of a payload',
  commit: 'the commitment to the key of a payload',
  // Additional data.
  wrap: 'what a wrap is tied to',
  'payload-data': 'what a payload is tied to',
} as const;

/** A label of the table. */
export type Label = keyof typeof labels;

const prefixes = new Map<Label, Uint8Array>();

/** `simpp-2/<label>` ‖ 0x00, made once for each label: messages need dozens of them. */
function prefixOf(label: Label): Uint8Array {
  let prefix = prefixes.get(label);
  if (prefix === undefined) prefixes.set(label, (prefix = utf8(`simpp-2/${label}\0`)));
  return prefix;
}

/** `simpp-2/<label>` ‖ 0x00 ‖ each field with its length in two bytes before it: injective (§2.3). */
export function labelled(label: Label, ...fields: readonly Uint8Array[]): Uint8Array {
  const prefix = prefixOf(label);
  let length = prefix.length;
  for (const field of fields) length += 2 + field.length;
  const all = new Uint8Array(length);
  all.set(prefix);
  let at = prefix.length;
  for (const field of fields) {
    if (field.length > 0xffff) throw new RangeError('a labelled field is longer than 65535 bytes');
    all[at] = field.length >> 8;
    all[at + 1] = field.length & 0xff;
    all.set(field, at + 2);
    at += 2 + field.length;
  }
  return all;
}
