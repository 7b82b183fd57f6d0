// The paper's R1–R3, S1–S3 and C1–C7 as they stand, on P-224 (docs/protocol.md §10).
// A sealed part is IV ‖ AES-128-CBC; nothing authenticates it, as published.
import { bytes, fixed, rest, text, u64, u8 } from '../../codec/field.ts';
import { message } from '../../codec/message.ts';
import { maxJidBytes } from '../messages.ts';

const idA = text(1, maxJidBytes);
const sealed = bytes(32, 1024);
/** R_S: the paper says "random string" and no length; S chooses it. */
const rS = bytes(16, 256);

/** ID_A, KU_A. */
export const classicR1 = message('classic R1', 0x81, { idA, kuA: fixed(57) });
/** {R_S, h(ID_A, KU_A)} under K_A. */
export const classicR2 = message('classic R2', 0x82, { sealed });
/** What R2 seals. */
export const classicR2Content = message('classic R2 content', 0x83, { rS, hash: fixed(32) });
/** R_S signed by KR_A: the bare value, as published. */
export const classicR3 = message('classic R3', 0x84, { signature: fixed(56) });

/** ID_A, {K_AS} under K_A. */
export const classicS1 = message('classic S1', 0x91, { idA, sealed });
/** What S1 seals. */
export const classicS1Content = message('classic S1 content', 0x92, { kAS: fixed(16) });
/** {R_S, h(ID_A, K_AS)} under K_A. */
export const classicS2 = message('classic S2', 0x93, { sealed });
/** What S2 seals. */
export const classicS2Content = message('classic S2 content', 0x94, { rS, hash: fixed(32) });
/** {h(R_S)} under K_AS. */
export const classicS3 = message('classic S3', 0x95, { sealed });
/** What S3 seals. */
export const classicS3Content = message('classic S3 content', 0x96, { hash: fixed(32) });

/** The curves of G_x and G_y; the order is the encoding. */
export const classicCurves = ['P-224', 'secp160r1'] as const;

const curve = u8(classicCurves.length - 1);
/** 57 bytes on P-224, 41 on secp160r1. */
const point = bytes(41, 57);
const signature = fixed(56);

/** A → S: asks for KU of a JID (C1), or B → S (C2); a control message of the classic channel. */
export const classicC1Request = message('classic C1 request', 0x97, { request: u64, jid: text(1, maxJidBytes) });
/** S → A: KU of the JID, empty where nobody of this name is registered. */
export const classicC1Answer = message('classic C1 answer', 0x98, { request: u64, kuA: bytes(0, 57) });
/** G_x, signed by KR_A: the bare point, as published. */
export const classicC3 = message('classic C3', 0x99, { curve, gX: point, signature });
/** G_y, signed by KR_B. */
export const classicC4 = message('classic C4', 0x9a, { curve, gY: point, signature });
/** {data}K_AB and [data]K_AB: IV, ciphertext, MAC. From A to B it is C6, from B to A C7. */
export const classicC6 = message('classic C6', 0x9b, { sealed: rest(64, 1024 * 1024) });
