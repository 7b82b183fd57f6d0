// A begins a session with one device of B (docs/protocol.md §9.2, C3 and C5).
import type { PublicKey } from '../crypto/provider.ts';
import type { BundleDevice } from './bundle-device.ts';
import { c3 } from './end-to-end-messages.ts';
import { beginRatchet } from './ratchet.ts';
import type { OwnDevice, Session, SessionContext } from './session.ts';
import { deriveKAB, sessionIdOf, signedC3, transcriptHash } from './session-transcript.ts';

/** Who the session is with, from an opened bundle whose KU_A the caller trusts. */
export interface Peer {
  readonly jid: string;
  readonly kuA: PublicKey;
  readonly listVersion: number;
  readonly device: BundleDevice;
}

/** A's side: the session is ready to seal, and its wraps bring C3 until the peer has answered. */
export function beginSession({ crypto, entropy, now }: SessionContext, me: OwnDevice, peer: Peer): Session {
  const { p256 } = crypto;
  const { device } = peer;
  const { prekey, oneTime } = device;
  const x = entropy.privateKey(p256);
  const { ciphertext: ct, secret } = entropy.encapsulate(device.ek);
  const gX = x.publicKey.bytes;

  const th = transcriptHash(crypto, {
    a: me,
    b: {
      jid: peer.jid,
      kuA: peer.kuA.bytes,
      certificateName: device.certificateName,
      listVersion: peer.listVersion,
    },
    gX,
    prekey,
    oneTime,
    ct,
  });
  const agreed = [p256.agree(me.agreement, device.gY), p256.agree(x, device.kuDd), p256.agree(x, device.gY)];
  if (oneTime !== undefined) agreed.push(p256.agree(x, oneTime.point));
  const kAB = deriveKAB(crypto, th, agreed, secret);

  const encoded = c3.encode({
    prekeyId: prekey.id,
    oneTimeId: oneTime?.id ?? 0,
    gX,
    ct,
    kuA: me.kuA,
    list: me.list,
    certificate: me.certificate,
    recipientListVersion: peer.listVersion,
  });
  return {
    id: sessionIdOf(crypto, th),
    role: 'A',
    peerJid: peer.jid,
    peerKuA: peer.kuA,
    peerDeviceId: device.deviceId,
    begunAt: now,
    sentCount: 0,
    receivedSinceSent: 0,
    skippedCount: 0,
    c3: { encoded, signature: p256.sign(me.signing, signedC3(th)) },
    ratchet: beginRatchet(crypto, entropy, kAB, device.gY),
  };
}
