// The messages of registration and login in profile simpp-2, each declared
// once (docs/protocol.md §5). M1–M3 are the Noise messages; what they carry
// sealed are the paper's R1–R3 and S1–S3, or a guest's opening G1.
import { bytes, fixed, list, text, u64 } from '../codec/field.ts';
import { message, type ValuesOf } from '../codec/message.ts';

/** Longest bare JID in bytes: two parts of 1023 and the @ (RFC 7622 §3.1). */
export const maxJidBytes = 2047;
/** Most devices in one device list. */
export const maxDevices = 32;

const jid = text(1, maxJidBytes);
const point = fixed(65);
const signature = fixed(64);
const tag = 16;

/** Message 1 of the handshake: e, EncryptAndHash(e1), EncryptAndHash(s), EncryptAndHash(payload). */
export const m1 = message('M1', 0x41, {
  e: point,
  e1: fixed(1184 + tag),
  s: fixed(65 + tag),
  payload: bytes(tag, 5000),
});

/** Message 2 of the handshake: e, EncryptAndHash(ekem1), EncryptAndHash(payload). */
export const m2 = message('M2', 0x42, { e: point, ekem1: fixed(1088 + tag), payload: bytes(tag, 256) });

/** Message 3: S3 or R3, sealed under the confirmation key. */
export const m3 = message('M3', 0x43, { payload: bytes(tag, 256) });

/** Payload of M1 of a guest: no identity. */
export const g1 = message('G1', 0x10, {});

/** Payload of M1 of a login; it carries no key. `deviceId` is 16 bytes. */
export const s1 = message('S1', 0x11, { idA: jid, deviceId: fixed(16), listVersion: u64, stateEpoch: u64 });

/** Payload of M2 of a login or a guest (whose ID_A is empty): {R_S, h(ID_A, K_AS)}. */
export const s2 = message('S2', 0x12, { rS: fixed(32), hash: fixed(32) });

/** {h(R_S)}. */
export const s3 = message('S3', 0x13, { hash: fixed(32) });

/** Payload of M1 of a registration: {ID_A, KU_A, device list, certificate}, both signed by KR_A. */
export const r1 = message('R1', 0x21, {
  idA: jid,
  kuA: point,
  deviceList: bytes(1, 4096),
  certificate: bytes(1, 4096),
  stateEpoch: u64,
});

/** Payload of M2 of a registration: {R_S, h(ID_A, KU_A)}. */
export const r2 = message('R2', 0x22, { rS: fixed(32), hash: fixed(32) });

/** KR_A's signature in context R3 over R_S and the transcript. */
export const r3 = message('R3', 0x23, { signature });

/** What KR_A signs to certify a device; dates are seconds since 1970. */
export const certificateBody = message('CertificateBody', 0x31, {
  jid,
  deviceId: fixed(16),
  kuDs: point,
  kuDd: point,
  notBefore: u64,
  notAfter: u64,
});

/** What KR_A signs to list the devices: hashes of their certificates, in ascending order. */
export const deviceListBody = message('DeviceListBody', 0x32, {
  jid,
  kuA: point,
  version: u64,
  issued: u64,
  certificates: list(fixed(32), 0, maxDevices),
});

/** A signed body: the body's encoding as signed, and the signature r ‖ s. */
export const signedObject = message('Signed', 0x33, { body: bytes(1, 4000), signature });

export type S1 = ValuesOf<typeof s1>;
export type R1 = ValuesOf<typeof r1>;
export type CertificateBody = ValuesOf<typeof certificateBody>;
export type DeviceListBody = ValuesOf<typeof deviceListBody>;
