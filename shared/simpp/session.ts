// A session between two devices (docs/protocol.md §9.2, §9.3) as a value: each
// wrap sealed or opened gives the next one. Which session is used, and what is
// durable before a wrap leaves, is the caller's part (§9.2, §9.8).
import { concat, equalBytes } from '../bytes.ts';
import type { Crypto, PrivateKey, PublicKey } from '../crypto/provider.ts';
import { SimppError } from '../errors.ts';
import { wrap as wrapMessage, type Wrap } from './end-to-end-messages.ts';
import type { Entropy } from './entropy.ts';
import {
  openStep,
  prepareSending as prepareRatchet,
  sealStep,
  skipSending as skipRatchet,
  type FindSkippedKey,
  type Ratchet,
  type SkippedKeys,
} from './ratchet.ts';

/** A session is renewed after this many seconds, or this many messages sent in it. */
export const sessionLifeSeconds = 7 * 24 * 3600;
export const sessionMessages = 1000;
/** Messages received without one sent, after which an empty envelope goes. */
export const heartbeatAfter = 53;
/** Most skipped keys of one session. */
export const maxSkippedInSession = 2000;
/** k ‖ binding (§9.4). */
export const wrapPlaintextBytes = 64;

const signatureBytes = 64;

/** What the functions of a session need; `now` in seconds since 1970. */
export interface SessionContext {
  readonly crypto: Crypto;
  readonly entropy: Entropy;
  readonly now: number;
}

/** This device, as it takes part in sessions. */
export interface OwnDevice {
  readonly jid: string;
  /** KU_A. */
  readonly kuA: Uint8Array;
  /** The signed device list, and its version. */
  readonly list: Uint8Array;
  readonly listVersion: number;
  /** The signed certificate, and its name. */
  readonly certificate: Uint8Array;
  readonly certificateName: Uint8Array;
  /** Of certificates that this one renewed: who fetched them may still begin a session. */
  readonly earlierCertificateNames?: readonly Uint8Array[] | undefined;
  readonly deviceId: Uint8Array;
  /** KR_Ds and KR_Dd. */
  readonly signing: PrivateKey;
  readonly agreement: PrivateKey;
}

/** C3 as it is repeated until the first answer. */
export interface PendingC3 {
  readonly encoded: Uint8Array;
  readonly signature: Uint8Array;
}

/** One end of a session. Secret. */
export interface Session {
  readonly id: Uint8Array;
  /** `A` began it. */
  readonly role: 'A' | 'B';
  readonly peerJid: string;
  readonly peerKuA: PublicKey;
  readonly peerDeviceId: Uint8Array;
  /** Seconds since 1970. */
  readonly begunAt: number;
  readonly sentCount: number;
  readonly receivedSinceSent: number;
  /** Skipped keys that the caller keeps for this session. */
  readonly skippedCount: number;
  /** Only at A, until something was received. */
  readonly c3?: PendingC3 | undefined;
  readonly ratchet: Ratchet;
}

/** A session, and the encoded wrap that it sealed. */
export interface SealedWrap {
  readonly session: Session;
  readonly wrap: Uint8Array;
}

/** A session after it opened a wrap: commit it together with what became of the skipped keys. */
export interface OpenedWrap {
  readonly session: Session;
  /** k ‖ binding. */
  readonly plaintext: Uint8Array;
  /** A's over C3, where the wrap brings one; else empty. It counts when a session is accepted. */
  readonly signature: Uint8Array;
  readonly skipped: SkippedKeys;
}

/** Number of the next message in its chain (what a lease counts, §9.8); undefined where a new chain is due. */
export function sendingNumber(session: Session): number | undefined {
  return session.ratchet.sending?.number;
}

/** Begins the sending chain where one is due. A new chain is committed before its first wrap leaves: a lease covers only a chain that is durable. */
export function prepareSending(context: Pick<SessionContext, 'crypto' | 'entropy'>, session: Session): Session {
  if (session.ratchet.sending !== undefined) return session;
  return { ...session, ratchet: prepareRatchet(context.crypto, context.entropy, session.ratchet) };
}

/** Goes on behind a lease after a crash: the next message is at least number `toNumber` of its chain (§9.8). */
export function skipSending(crypto: Crypto, session: Session, toNumber: number): Session {
  const before = sendingNumber(session) ?? 0;
  const ratchet = skipRatchet(crypto, session.ratchet, toNumber);
  return { ...session, ratchet, sentCount: session.sentCount + (ratchet.sending?.number ?? before) - before };
}

/** Whether what goes to this device now begins a new session. */
export function needsRenewal(session: Session, now: number): boolean {
  return session.sentCount >= sessionMessages || now - session.begunAt >= sessionLifeSeconds;
}

/** Whether an empty envelope is due. */
export function needsHeartbeat(session: Session): boolean {
  return session.receivedSinceSent >= heartbeatAfter;
}

/** Seals k ‖ binding for the peer's device. */
export function sealWrap(
  { crypto, entropy }: Pick<SessionContext, 'crypto' | 'entropy'>,
  session: Session,
  plaintext: Uint8Array,
): SealedWrap {
  const { id, c3 } = session;
  const inner = c3 === undefined ? plaintext : concat(plaintext, c3.signature);
  const { ratchet, header, sealed } = sealStep(crypto, entropy, session.ratchet, id, inner);
  const wrap = wrapMessage.encode({
    deviceId: session.peerDeviceId,
    sessionId: id,
    header,
    c3: c3?.encoded ?? new Uint8Array(0),
    sealed,
  });
  return { session: { ...session, ratchet, sentCount: session.sentCount + 1, receivedSinceSent: 0 }, wrap };
}

/**
 * Opens a wrap of this session; throws SimppError, and the session that was
 * handed in is as it was: keep that one. A repeated C3 says nothing new.
 */
export function openWrap(
  { crypto }: Pick<SessionContext, 'crypto'>,
  session: Session,
  wrap: Wrap,
  findSkipped: FindSkippedKey,
): OpenedWrap {
  if (!equalBytes(wrap.sessionId, session.id)) throw new SimppError('message-forged', 'a wrap of another session');
  const opened = openStep(crypto, session.ratchet, session.id, wrap.header, wrap.sealed, findSkipped);
  const inner = opened.plaintext;
  if (inner.length !== wrapPlaintextBytes + (wrap.c3.length > 0 ? signatureBytes : 0)) {
    throw new SimppError('malformed-message', 'a wrap holds the wrong number of bytes');
  }
  const { added, used } = opened.skipped;
  const skippedCount = Math.max(0, session.skippedCount + added.length - (used === undefined ? 0 : 1));
  if (added.length > 0 && skippedCount > maxSkippedInSession) {
    throw new SimppError('message-forged', `More than ${maxSkippedInSession} messages of this session are missing.`);
  }
  const next = {
    ...session,
    ratchet: opened.ratchet,
    receivedSinceSent: session.receivedSinceSent + 1,
    skippedCount,
    c3: undefined,
  };
  return {
    session: next,
    plaintext: inner.subarray(0, wrapPlaintextBytes),
    signature: inner.subarray(wrapPlaintextBytes),
    skipped: opened.skipped,
  };
}

/** The session after the caller erased this many of its skipped keys, which were kept long enough. */
export function withoutSkipped(session: Session, erased: number): Session {
  return { ...session, skippedCount: Math.max(0, session.skippedCount - erased) };
}
