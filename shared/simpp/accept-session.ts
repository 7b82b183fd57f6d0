// B's side of C3 (docs/protocol.md §9.2, C5): checks who A is, computes K_AB,
// opens the wrap, and only then verifies A's signature. Nothing is kept by
// anybody before this returns. Whether KU_A is A's is the caller's question.
import { equalBytes } from '../bytes.ts';
import type { DecapsulationKey, PrivateKey, PublicKey } from '../crypto/provider.ts';
import { SimppError } from '../errors.ts';
import { openCertificate, openDeviceList } from './certificate.ts';
import type { BundleList } from './contact-bundle.ts';
import { c3 as c3Message, type C3, type PrekeyBody, type Wrap } from './end-to-end-messages.ts';
import type { CertificateBody } from './messages.ts';
import { acceptRatchet } from './ratchet.ts';
import { openWrap, splitSealed, type OpenedWrap, type OwnDevice, type Session, type SessionContext } from './session.ts';
import { deriveKAB, sessionIdOf, signedC3, transcriptHash } from './session-transcript.ts';

/** A prekey of this device with its private parts. */
export interface OwnPrekey {
  /** y. */
  readonly secret: PrivateKey;
  readonly decapsulation: DecapsulationKey;
  readonly body: PrekeyBody;
}

/** The private keys that a C3 may name. */
export interface OwnKeys {
  prekey(id: number): OwnPrekey | undefined;
  oneTime(id: number): PrivateKey | undefined;
}

/** Who began a session, all signatures checked. */
export interface SessionSender {
  readonly kuA: PublicKey;
  readonly list: BundleList;
  readonly certificate: CertificateBody;
  readonly certificateEncoded: Uint8Array;
  readonly certificateName: Uint8Array;
  /** The version of our list that the sender knew. */
  readonly recipientListVersion: number;
}

/** What a first message brings. */
export interface AcceptedSession extends OpenedWrap {
  readonly sender: SessionSender;
  readonly prekeyId: number;
  /** Of the one-time key to erase with the commit of the session; 0 where none was used. */
  readonly oneTimeId: number;
}

/** Where a C3 came from, and the wrap that brought it. */
export interface FirstWrap {
  readonly fromJid: string;
  /** As C6 names it. */
  readonly senderDeviceId: Uint8Array;
  readonly wrap: Wrap;
}

/**
 * Accepts the session that the wrap's C3 begins; the caller has seen that its
 * id is new. Throws SimppError: 'key-gone' for a prekey or one-time key that
 * is not there, 'message-forged' for what does not open or fit,
 * 'handshake-failed' for a signature or date that does not hold.
 */
export function acceptSession(
  context: SessionContext,
  me: OwnDevice,
  first: FirstWrap,
  keys: OwnKeys,
): AcceptedSession {
  const { crypto, now } = context;
  const { p256, mlKem768 } = crypto;
  const { wrap, fromJid } = first;
  const c3 = c3Message.decode(wrap.c3);
  const { prekey, oneTime } = findKeys(keys, c3);
  const sender = openSender(context, first, c3);
  const th = findTranscript(context, me, { fromJid, sender, c3, prekey, oneTime }, wrap.sessionId);

  const gX = p256.publicKey(c3.gX);
  const agreed = [
    p256.agree(prekey.secret, p256.publicKey(sender.certificate.kuDd)),
    p256.agree(me.agreement, gX),
    p256.agree(prekey.secret, gX),
  ];
  if (oneTime !== undefined) agreed.push(p256.agree(oneTime, gX));
  const kAB = deriveKAB(crypto, th, agreed, mlKem768.decapsulate(prekey.decapsulation, c3.ct));

  const begun: Session = {
    id: wrap.sessionId,
    role: 'B',
    peerJid: fromJid,
    peerKuA: sender.kuA,
    peerDeviceId: first.senderDeviceId,
    begunAt: now,
    sentCount: 0,
    receivedSinceSent: 0,
    skippedCount: 0,
    ratchet: acceptRatchet(kAB, prekey.secret),
  };
  const { signature, ...opened } = openFirst(context, begun, wrap);
  if (!p256.verify(p256.publicKey(sender.certificate.kuDs), signedC3(th), signature)) {
    throw new SimppError('handshake-failed', 'the signature of a C3 does not verify');
  }
  return { ...opened, sender, prekeyId: c3.prekeyId, oneTimeId: c3.oneTimeId };
}
