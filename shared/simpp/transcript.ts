// What both sides of a simpp-2 handshake compute alike: the opening of the
// Noise state, the keys of the final chaining key, and the proofs S2 and S3
// carry (docs/protocol.md §5.2, §5.3).
import { utf8 } from '../bytes.ts';
import type { Crypto, SymmetricKey } from '../crypto/provider.ts';
import type { Session } from './handshake.ts';
import { labelled, type Label } from './labels.ts';
import { initialize, mixHash, type SymmetricState } from './noise.ts';
import { gcmProtection } from './protection.ts';

/** The name of the pattern: IK, hybrid forward secrecy, over P-256 and ML-KEM-768. */
export const protocolName = 'Noise_IKhfs_P256+MLKEM768_AESGCM_SHA256';
/** The one suite of profile simpp-2, as offered and chosen on the wire. */
export const suite = 'P256+MLKEM768_AESGCM_SHA256';

/** What both sides know before the first message. */
export interface HandshakeContext {
  readonly domain: string;
  /** The bytes of the <simpp/> element exactly as they crossed the wire; empty inside a channel. */
  readonly offer: Uint8Array;
  /** The transcript hash of the channel that an enrolment runs in; empty otherwise. */
  readonly binding: Uint8Array;
}

/** The state before message 1: protocol name, prologue, and the pre-message `<- s` (KU_S). */
export function begin(crypto: Crypto, context: HandshakeContext, kuS: Uint8Array): SymmetricState {
  const prologue = labelled('prologue', utf8(context.domain), context.offer, utf8(suite), context.binding);
  return mixHash(crypto, mixHash(crypto, initialize(crypto, protocolName), prologue), kuS);
}

function derive(crypto: Crypto, state: SymmetricState, label: Label): Uint8Array {
  return crypto.hkdfExpand(state.ck, labelled(label, state.h), 32);
}

/** K_AS, from the final chaining key and the transcript before the payload of message 2. */
export function deriveKAS(crypto: Crypto, beforePayload: SymmetricState): Uint8Array {
  return derive(crypto, beforePayload, 'k-as');
}

/** The key that seals S3 or R3, from the final chaining key and the whole transcript. */
export function confirmationKey(crypto: Crypto, final: SymmetricState): SymmetricKey {
  return crypto.aes256Gcm.key(derive(crypto, final, 'confirm'));
}

/** The session that follows message 3. */
export function deriveSession(crypto: Crypto, final: SymmetricState, kAS: Uint8Array): Session {
  return {
    kAS,
    binding: final.h,
    client: gcmProtection(crypto, derive(crypto, final, 'records-client')),
    gateway: gcmProtection(crypto, derive(crypto, final, 'records-gateway')),
  };
}

/** h(ID_A, K_AS) of S2; a guest's ID_A is empty. */
export const hashIdKAS = (crypto: Crypto, idA: string, kAS: Uint8Array): Uint8Array =>
  crypto.sha256(labelled('h-id-kas', utf8(idA), kAS));

/** h(ID_A, KU_A) of R2. */
export const hashIdKuA = (crypto: Crypto, idA: string, kuA: Uint8Array): Uint8Array =>
  crypto.sha256(labelled('h-id-ku', utf8(idA), kuA));

/** h(R_S) of S3. */
export const hashRS = (crypto: Crypto, rS: Uint8Array): Uint8Array => crypto.sha256(labelled('h-rs', rS));

/** What KR_A signs for R3: R_S and the transcript, never a bare R_S. */
export const signedR3 = (rS: Uint8Array, final: SymmetricState): Uint8Array => labelled('R3', rS, final.h);
