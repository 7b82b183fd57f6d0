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
import { openWrap, type OpenedWrap, type OwnDevice, type Session, type SessionContext } from './session.ts';
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
 * is not there, 'message-forged' for what does not open or fit, 'handshake-failed'
 * for a signature or date that does not hold.
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
  if (!equalBytes(wrap.deviceId, me.deviceId)) throw new SimppError('message-forged', 'a wrap for another device');
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
  const opened = openWrap(context, begun, wrap, () => undefined);
  if (!p256.verify(p256.publicKey(sender.certificate.kuDs), signedC3(th), opened.signature)) {
    throw new SimppError('handshake-failed', 'the signature of a C3 does not verify');
  }
  return { ...opened, sender, prekeyId: c3.prekeyId, oneTimeId: c3.oneTimeId };
}

function findKeys(keys: OwnKeys, c3: C3): { readonly prekey: OwnPrekey; readonly oneTime: PrivateKey | undefined } {
  const prekey = keys.prekey(c3.prekeyId);
  if (prekey === undefined) throw new SimppError('key-gone', 'The prekey of this message is gone from this device.');
  if (c3.oneTimeId === 0) return { prekey, oneTime: undefined };
  const oneTime = keys.oneTime(c3.oneTimeId);
  if (oneTime === undefined) throw new SimppError('key-gone', 'The one-time key of this message was used already.');
  return { prekey, oneTime };
}

/** A's list and certificate, checked like those of a bundle; both must be of who sends. */
function openSender({ crypto, now }: SessionContext, first: FirstWrap, c3: C3): SessionSender {
  const kuA = crypto.p256.publicKey(c3.kuA);
  const { list, hash } = openDeviceList(crypto, kuA, c3.list, now);
  const { certificate, name } = openCertificate(crypto, kuA, list, c3.certificate, now);
  if (certificate.jid !== first.fromJid || !equalBytes(certificate.deviceId, first.senderDeviceId)) {
    throw new SimppError('message-forged', 'a C3 of another device than the one that sends');
  }
  return {
    kuA,
    list: { version: list.version, hash, issued: list.issued, encoded: c3.list },
    certificate,
    certificateEncoded: c3.certificate,
    certificateName: name,
    recipientListVersion: c3.recipientListVersion,
  };
}

interface Claimed {
  readonly fromJid: string;
  readonly sender: SessionSender;
  readonly c3: C3;
  readonly prekey: OwnPrekey;
  readonly oneTime: PrivateKey | undefined;
}

/** TH of the session id that the wrap names: A may know this device by a certificate that was renewed since. */
function findTranscript(
  { crypto }: SessionContext,
  me: OwnDevice,
  { fromJid, sender, c3, prekey, oneTime }: Claimed,
  sessionId: Uint8Array,
): Uint8Array {
  for (const certificateName of [me.certificateName, ...(me.earlierCertificateNames ?? [])]) {
    const th = transcriptHash(crypto, {
      a: {
        jid: fromJid,
        kuA: c3.kuA,
        certificateName: sender.certificateName,
        listVersion: sender.list.version,
      },
      b: { jid: me.jid, kuA: me.kuA, certificateName, listVersion: c3.recipientListVersion },
      gX: c3.gX,
      prekey: prekey.body,
      oneTime: oneTime && { id: c3.oneTimeId, key: oneTime.publicKey.bytes },
      ct: c3.ct,
    });
    if (equalBytes(sessionIdOf(crypto, th), sessionId)) return th;
  }
  throw new SimppError('message-forged', 'a C3 does not fit its session id');
}
