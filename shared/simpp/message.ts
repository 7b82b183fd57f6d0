// C6 and C7 (docs/protocol.md §9.4): one payload under a fresh k, and k for
// each device in a wrap of its own. The binding in every wrap makes all devices
// read the same payload; the commitment makes k open no other one.
import { concat, equalBytes, utf8 } from '../bytes.ts';
import type { Crypto } from '../crypto/provider.ts';
import { SimppError } from '../errors.ts';
import {
  c6 as c6Message,
  content as contentMessage,
  maxEnvelopeBytes,
  wrap as wrapMessage,
  type C6,
  type Content,
  type Wrap,
} from './end-to-end-messages.ts';
import { labelled } from './labels.ts';
import { sealWrap, wrapPlaintextBytes, type Session, type SessionContext } from './session.ts';

/** Of the stanza that carries a message: bare JIDs, its type ("normal" when absent), its id (empty when absent). */
export interface StanzaAddress {
  readonly from: string;
  readonly to: string;
  readonly type: string;
  readonly id: string;
}

/** A message to seal. */
export interface OutgoingMessage extends StanzaAddress {
  /** Of the sender. */
  readonly deviceId: Uint8Array;
  readonly content: Content;
  /** One session for each device that is to read it. */
  readonly recipients: readonly Session[];
}

/** A sealed message, and the sessions after it, in the order of the recipients. */
export interface SealedMessage {
  readonly c6: Uint8Array;
  readonly digest: Uint8Array;
  readonly sessions: readonly Session[];
}

/** A message as it came; nothing is opened yet. */
export interface ReceivedMessage {
  readonly message: C6;
  readonly digest: Uint8Array;
  /** The wrap for a device, or undefined when there is none; throws SimppError('malformed-message'). */
  wrapFor(deviceId: Uint8Array): Wrap | undefined;
}

const kBytes = 32;
const payloadInfo = labelled('payload');
const commitInfo = labelled('commit');
/** k seals one payload only. */
const zeroNonce = new Uint8Array(12);

const payloadKey = (crypto: Crypto, k: Uint8Array) => crypto.aes256Gcm.key(crypto.hkdfExpand(k, payloadInfo, 32));

const commitmentOf = (crypto: Crypto, k: Uint8Array): Uint8Array => crypto.hkdfExpand(k, commitInfo, 32);

function payloadData({ from, to, type, id }: StanzaAddress): Uint8Array {
  const fields = [from, to, type, id].map(utf8);
  if (fields.some((field) => field.length > 0xffff)) {
    throw new SimppError('too-large', 'The id of a stanza is too long to be encrypted.');
  }
  return labelled('payload-data', ...fields);
}

const bindingOf = (crypto: Crypto, deviceId: Uint8Array, commitment: Uint8Array, payload: Uint8Array): Uint8Array =>
  crypto.sha256(labelled('c6-binding', deviceId, commitment, crypto.sha256(payload)));

/** The digest that copies of a message are recognised by. */
export const messageDigest = (crypto: Crypto, c6: Uint8Array): Uint8Array => crypto.sha256(c6);

/** Seals a message for all its recipients; commit the sessions (or a lease) before it leaves. */
export function sealMessage(
  context: Pick<SessionContext, 'crypto' | 'entropy'>,
  outgoing: OutgoingMessage,
): SealedMessage {
  const { crypto, entropy } = context;
  const { deviceId, content, recipients } = outgoing;
  if (content.envelope.length > maxEnvelopeBytes) {
    throw new SimppError('too-large', 'The message is too long to be encrypted.');
  }
  const k = entropy.bytes(kBytes);
  const plaintext = contentMessage.encode(content);
  const payload = crypto.aes256Gcm.seal(payloadKey(crypto, k), zeroNonce, payloadData(outgoing), plaintext);
  const commitment = commitmentOf(crypto, k);
  const inner = concat(k, bindingOf(crypto, deviceId, commitment, payload));
  const sealed = recipients.map((session) => sealWrap(context, session, inner));
  const c6 = c6Message.encode({ deviceId, commitment, wraps: sealed.map(({ wrap }) => wrap), payload });
  return { c6, digest: messageDigest(crypto, c6), sessions: sealed.map(({ session }) => session) };
}

/** Reads C6 or C7; throws SimppError('malformed-message'). */
export function readMessage(crypto: Crypto, encoded: Uint8Array): ReceivedMessage {
  const message = c6Message.decode(encoded);
  return {
    message,
    digest: messageDigest(crypto, encoded),
    wrapFor(deviceId) {
      // The device id follows the tag: other devices' wraps need not be decoded.
      const own = message.wraps.find((wrap) => equalBytes(wrap.subarray(1, 1 + deviceId.length), deviceId));
      return own && wrapMessage.decode(own);
    },
  };
}

/** Opens the payload with what the wrap held (k ‖ binding); throws SimppError('message-forged') when anything differs. */
export function openPayload(crypto: Crypto, message: C6, plaintext: Uint8Array, address: StanzaAddress): Content {
  const k = plaintext.subarray(0, kBytes);
  const binding = plaintext.subarray(kBytes, wrapPlaintextBytes);
  const { deviceId, commitment, payload } = message;
  if (
    !equalBytes(commitment, commitmentOf(crypto, k)) ||
    !equalBytes(binding, bindingOf(crypto, deviceId, commitment, payload))
  ) {
    throw new SimppError('message-forged', 'The payload of a message is not the one that was sealed for this device.');
  }
  const opened = crypto.aes256Gcm.open(payloadKey(crypto, k), zeroNonce, payloadData(address), payload);
  if (opened === undefined) {
    throw new SimppError('message-forged', 'The addresses, type or id of a message are not those it was sealed with.');
  }
  return contentMessage.decode(opened);
}
