// Opening one C6 or C7 that was sealed for this device (docs/protocol.md §9.2 to
// §9.4): finds or accepts the session, opens, checks, and only then keeps what
// has changed. Whatever does not hold is a reason, and changes nothing but the
// mark of a broken session.
import { equalBytes, toHex } from '../../shared/bytes.ts';
import type { Crypto } from '../../shared/crypto/provider.ts';
import { SimppError } from '../../shared/errors.ts';
import { acceptSession } from '../../shared/simpp/accept-session.ts';
import type { Content, Wrap } from '../../shared/simpp/end-to-end-messages.ts';
import type { Entropy } from '../../shared/simpp/entropy.ts';
import { openPayload, readMessage, type ReceivedMessage, type StanzaAddress } from '../../shared/simpp/message.ts';
import { needsHeartbeat, openWrap, type Session } from '../../shared/simpp/session.ts';
import type { ContactBook } from './contact-book.ts';
import type { Reached } from './crash-points.ts';
import type { OwnAccount } from './own-account.ts';
import type { OwnKeyring } from './own-keyring.ts';
import type { SessionBook } from './session-book.ts';
import type { Unreadable } from './shown-words.ts';

export interface OpenerDeps {
  readonly crypto: Crypto;
  readonly entropy: Entropy;
  readonly sessions: SessionBook;
  readonly contacts: ContactBook;
  readonly keyring: OwnKeyring;
  readonly own: OwnAccount;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly reached: Reached;
}

/** A message that was opened, or why not. `isLost`: what it was sealed in cannot be used any more. */
export type OpenedMessage =
  | {
      readonly kind: 'opened';
      readonly content: Content;
      readonly deviceId: string;
      readonly isHeartbeatDue: boolean;
    }
  | {
      readonly kind: 'unreadable';
      readonly reason: Unreadable;
      readonly deviceId?: string | undefined;
      readonly isLost: boolean;
    };

const unreadable = (reason: Unreadable, deviceId?: string, isLost = false): OpenedMessage => ({
  kind: 'unreadable',
  reason,
  deviceId,
  isLost,
});

export class Opener {
  readonly #deps: OpenerDeps;

  constructor(deps: OpenerDeps) {
    this.#deps = deps;
  }

  /** Opens the C6 that a stanza with these addresses carried. What has changed is put, not yet durable. */
  open(c6: Uint8Array, address: StanzaAddress): OpenedMessage {
    const { crypto, own } = this.#deps;
    let message: ReceivedMessage;
    let wrap: Wrap | undefined;
    try {
      message = readMessage(crypto, c6);
      wrap = message.wrapFor(own.identity.deviceId);
    } catch (error) {
      if (error instanceof SimppError) return unreadable('malformed');
      throw error;
    }
    const deviceId = toHex(message.message.deviceId);
    const isOwn = address.from === own.identity.jid;
    if (isOwn && equalBytes(message.message.deviceId, own.identity.deviceId))
      return unreadable('own-not-kept', deviceId);
    if (own.standing === 'waiting') return unreadable('device-waits', deviceId);
    if (wrap === undefined) return unreadable('not-for-this-device', deviceId);
    return this.#openWrapped(message, wrap, deviceId, address);
  }

  #openWrapped(message: ReceivedMessage, wrap: Wrap, deviceId: string, address: StanzaAddress): OpenedMessage {
    const sessionId = toHex(wrap.sessionId);
    const found = this.#deps.sessions.find(address.from, deviceId, sessionId);
    this.#deps.reached('open.before-ratchet');
    switch (found.kind) {
      case 'live':
        return this.#inSession(found.session, message, wrap, deviceId, address);
      case 'ended':
        return unreadable('session-ended', deviceId);
      case 'unknown':
        if (wrap.c3.length === 0) return unreadable('session-unknown', deviceId, true);
        return this.#first(message, wrap, deviceId, address);
    }
  }

  #inSession(
    session: Session,
    { message }: ReceivedMessage,
    wrap: Wrap,
    deviceId: string,
    address: StanzaAddress,
  ): OpenedMessage {
    const { crypto, sessions, reached } = this.#deps;
    try {
      const opened = openWrap({ crypto }, session, wrap, (dh, number) => sessions.skippedKey(session, dh, number));
      const content = openPayload(crypto, message, opened.plaintext, address);
      sessions.received(opened.session, opened.skipped);
      if (address.from !== this.#deps.own.identity.jid) this.#deps.contacts.seen(address.from, deviceId);
      reached('open.after-ratchet-before-commit');
      return { kind: 'opened', content, deviceId, isHeartbeatDue: needsHeartbeat(opened.session) };
    } catch (error) {
      return failed(error, deviceId);
    }
  }

  /** C3 begins a session: kept only for the KU_A that is the contact's, and a device that counts. */
  #first(received: ReceivedMessage, wrap: Wrap, deviceId: string, address: StanzaAddress): OpenedMessage {
    const { crypto, entropy, sessions, contacts, keyring, own, now } = this.#deps;
    try {
      const context = { crypto, entropy, now: Math.floor(now() / 1000) };
      const first = { fromJid: address.from, senderDeviceId: received.message.deviceId, wrap };
      const accepted = acceptSession(context, own.device, first, keyring);
      const content = openPayload(crypto, received.message, accepted.plaintext, address);
      const isOwn = address.from === own.identity.jid;
      if (isOwn && !equalBytes(accepted.sender.kuA.bytes, own.identity.kuA)) return unreadable('other-key', deviceId);
      const met = isOwn ? own.met(accepted.sender) : contacts.met(address.from, accepted.sender);
      if (met === 'other') return unreadable('other-key', deviceId);
      if (met === 'removed') return unreadable('removed-device', deviceId);
      sessions.add(accepted.session, 'peer');
      sessions.skipped(accepted.session, accepted.skipped);
      if (accepted.oneTimeId !== 0) keyring.used(accepted.oneTimeId);
      return { kind: 'opened', content, deviceId, isHeartbeatDue: false };
    } catch (error) {
      return failed(error, deviceId);
    }
  }
}

function failed(error: unknown, deviceId: string): OpenedMessage {
  if (!(error instanceof SimppError) || error.code === 'storage-failed') throw error;
  if (error.code === 'key-gone') return unreadable('key-gone', deviceId);
  return unreadable(error.code === 'malformed-message' ? 'malformed' : 'forged', deviceId, true);
}
