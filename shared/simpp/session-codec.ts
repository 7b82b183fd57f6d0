// A session as bytes, for the store; they hold its secrets. What is absent is
// empty. Keys are imported again when it is read, which is slow: keep sessions
// that are in use decoded.
import { bytes, fixed, text, u32, u64, u8 } from '../codec/field.ts';
import { message, type ValuesOf } from '../codec/message.ts';
import type { Crypto } from '../crypto/provider.ts';
import { maxJidBytes } from './messages.ts';
import type { Chain, Ratchet } from './ratchet.ts';
import type { Session } from './session.ts';

/** A session at rest; the roles are 0 for A and 1 for B. */
export const sessionState = message('SessionState', 0xa0, {
  id: fixed(32),
  role: u8(1),
  peerJid: text(1, maxJidBytes),
  peerKuA: fixed(65),
  peerDeviceId: fixed(16),
  begunAt: u64,
  sentCount: u32(),
  receivedSinceSent: u32(),
  skippedCount: u32(),
  c3: bytes(0, 12_000),
  c3Signature: bytes(0, 64),
  root: fixed(32),
  own: bytes(0, 32),
  receivingDh: bytes(0, 65),
  receivingKey: bytes(0, 32),
  receivingNumber: u32(),
  sendingKey: bytes(0, 32),
  sendingNumber: u32(),
  previous: u32(),
});

const nothing = new Uint8Array(0);

/** A session as it is kept; secret. */
export function encodeSession(session: Session): Uint8Array {
  const { ratchet, c3 } = session;
  const { own, receiving, sending } = ratchet;
  return sessionState.encode({
    ...session,
    role: session.role === 'A' ? 0 : 1,
    peerKuA: session.peerKuA.bytes,
    c3: c3?.encoded ?? nothing,
    c3Signature: c3?.signature ?? nothing,
    root: ratchet.root,
    own: own?.secret ?? nothing,
    receivingDh: receiving?.dh.bytes ?? nothing,
    receivingKey: receiving?.key ?? nothing,
    receivingNumber: receiving?.number ?? 0,
    sendingKey: sending?.key ?? nothing,
    sendingNumber: sending?.number ?? 0,
    previous: ratchet.previous,
  });
}

/** A session that encodeSession wrote; throws SimppError for other bytes. */
export function decodeSession(crypto: Crypto, encoded: Uint8Array): Session {
  const state = sessionState.decode(encoded);
  return {
    id: state.id,
    role: state.role === 0 ? 'A' : 'B',
    peerJid: state.peerJid,
    peerKuA: crypto.p256.publicKey(state.peerKuA),
    peerDeviceId: state.peerDeviceId,
    begunAt: state.begunAt,
    sentCount: state.sentCount,
    receivedSinceSent: state.receivedSinceSent,
    skippedCount: state.skippedCount,
    c3: state.c3.length > 0 ? { encoded: state.c3, signature: state.c3Signature } : undefined,
    ratchet: readRatchet(crypto, state),
  };
}

function readRatchet(crypto: Crypto, state: ValuesOf<typeof sessionState>): Ratchet {
  const receiving = readChain(state.receivingKey, state.receivingNumber);
  return {
    root: state.root,
    own: state.own.length > 0 ? crypto.p256.privateKey(state.own) : undefined,
    receiving: receiving && { ...receiving, dh: crypto.p256.publicKey(state.receivingDh) },
    sending: readChain(state.sendingKey, state.sendingNumber),
    previous: state.previous,
  };
}

const readChain = (key: Uint8Array, number: number): Chain | undefined =>
  key.length > 0 ? { key, number } : undefined;
