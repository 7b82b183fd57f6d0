// The Double Ratchet over P-256 (docs/protocol.md §9.3), as values: each step
// gives a new state and leaves the old one as it was, so that a receiver keeps
// the new one only once the tag was right. The DH pair of a reply is made when
// the reply is: nothing that is never sent costs a key.
import { equalBytes } from '../bytes.ts';
import type { Crypto, PrivateKey, PublicKey } from '../crypto/provider.ts';
import { SimppError } from '../errors.ts';
import { ratchetHeader, type RatchetHeader } from './end-to-end-messages.ts';
import type { Entropy } from './entropy.ts';
import { labelled } from './labels.ts';

/** Most message keys that one wrap may make a receiver skip. */
export const maxSkippedInStep = 1000;

/** A chain key, and the number of the message that it is for. */
export interface Chain {
  readonly key: Uint8Array;
  readonly number: number;
}

/** One end of a ratchet. */
export interface Ratchet {
  readonly root: Uint8Array;
  /** DHs while the peer may answer it: the pair of the sending chain, or B's y at first. */
  readonly own?: PrivateKey | undefined;
  /** DHr, and the chain that came with it; none before the first message was received. */
  readonly receiving?: (Chain & { readonly dh: PublicKey }) | undefined;
  /** None where the next message sent begins a chain. */
  readonly sending?: Chain | undefined;
  /** Length of the previous sending chain. */
  readonly previous: number;
}

/** The key of a message that has not come yet. */
export interface SkippedKey {
  readonly dh: Uint8Array;
  readonly number: number;
  readonly key: Uint8Array;
}

/** Finds a key that was skipped; `dh` and `number` are those of a header. */
export type FindSkippedKey = (dh: Uint8Array, number: number) => Uint8Array | undefined;

/** What opening a wrap did to the skipped keys: keep those added, erase the one used. */
export interface SkippedKeys {
  readonly added: readonly SkippedKey[];
  readonly used?: { readonly dh: Uint8Array; readonly number: number } | undefined;
}

const rootInfo = labelled('ratchet-root');
const chainInfo = labelled('ratchet-chain');
const messageInfo = labelled('ratchet-message');
const messageKeyInfo = labelled('message-key');

/** A DH ratchet step. */
function step(crypto: Crypto, root: Uint8Array, own: PrivateKey, dh: PublicKey): { root: Uint8Array; key: Uint8Array } {
  const both = crypto.hkdf(root, crypto.p256.agree(own, dh), rootInfo, 64);
  return { root: both.slice(0, 32), key: both.slice(32) };
}

/** A's end: a fresh pair against G_y. */
export function beginRatchet(crypto: Crypto, entropy: Entropy, kAB: Uint8Array, gY: PublicKey): Ratchet {
  const own = entropy.privateKey(crypto.p256);
  const { root, key } = step(crypto, kAB, own, gY);
  return { root, own, sending: { key, number: 0 }, previous: 0 };
}

/** B's end: (y, G_y) is its first pair. */
export function acceptRatchet(kAB: Uint8Array, y: PrivateKey): Ratchet {
  return { root: kAB, own: y, previous: 0 };
}

/** A ratchet that can send. */
export type SendingRatchet = Ratchet & { readonly sending: Chain; readonly own: PrivateKey };

/** Makes the DH step of a reply where it is due. */
export function prepareSending(crypto: Crypto, entropy: Entropy, ratchet: Ratchet): SendingRatchet {
  const { sending, own, receiving } = ratchet;
  if (sending !== undefined && own !== undefined) return { ...ratchet, sending, own };
  if (receiving === undefined) throw new SimppError('internal', 'B sends before it has received');
  const fresh = entropy.privateKey(crypto.p256);
  const { root, key } = step(crypto, ratchet.root, fresh, receiving.dh);
  return { ...ratchet, root, own: fresh, sending: { key, number: 0 } };
}

/** The sending chain further on, at message `number`; keys before it will never be used. */
export function skipSending(crypto: Crypto, ratchet: Ratchet, number: number): Ratchet {
  const { sending } = ratchet;
  if (sending === undefined || number <= sending.number) return ratchet;
  if (number - sending.number > maxSkippedInStep) throw new SimppError('internal', 'a lease is too long');
  let { key } = sending;
  for (let at = sending.number; at < number; at++) key = crypto.hmacSha256(key, chainInfo);
  return { ...ratchet, sending: { key, number } };
}

/** AES-256-GCM with key and nonce of a message key. */
function cipherOf(crypto: Crypto, messageKey: Uint8Array, salt: Uint8Array) {
  const both = crypto.hkdf(salt, messageKey, messageKeyInfo, 44);
  return { key: crypto.aes256Gcm.key(both.subarray(0, 32)), nonce: both.subarray(32) };
}

/** Seals one message; `sessionId` ties it to its session. */
export function sealStep(
  crypto: Crypto,
  entropy: Entropy,
  ratchet: Ratchet,
  sessionId: Uint8Array,
  plaintext: Uint8Array,
): { readonly ratchet: SendingRatchet; readonly header: Uint8Array; readonly sealed: Uint8Array } {
  const ready = prepareSending(crypto, entropy, ratchet);
  const { own, sending, previous } = ready;
  const salt = entropy.bytes(16);
  const header = ratchetHeader.encode({ dh: own.publicKey.bytes, previous, number: sending.number, salt });
  const { key, nonce } = cipherOf(crypto, crypto.hmacSha256(sending.key, messageInfo), salt);
  const sealed = crypto.aes256Gcm.seal(key, nonce, labelled('wrap', sessionId, header), plaintext);
  const next = { key: crypto.hmacSha256(sending.key, chainInfo), number: sending.number + 1 };
  return { ratchet: { ...ready, sending: next }, header, sealed };
}

/** Opens one message; throws SimppError('message-forged') or ('key-gone') and has then changed nothing. */
export function openStep(
  crypto: Crypto,
  ratchet: Ratchet,
  sessionId: Uint8Array,
  encodedHeader: Uint8Array,
  sealed: Uint8Array,
  find: FindSkippedKey,
): { readonly ratchet: Ratchet; readonly plaintext: Uint8Array; readonly skipped: SkippedKeys } {
  const header = ratchetHeader.decode(encodedHeader);
  const open = (messageKey: Uint8Array): Uint8Array => {
    const { key, nonce } = cipherOf(crypto, messageKey, header.salt);
    const plaintext = crypto.aes256Gcm.open(key, nonce, labelled('wrap', sessionId, encodedHeader), sealed);
    if (plaintext === undefined) throw new SimppError('message-forged');
    return plaintext;
  };

  const { receiving } = ratchet;
  const isSameChain = receiving !== undefined && equalBytes(header.dh, receiving.dh.bytes);
  if (!isSameChain || header.number < receiving.number) {
    const messageKey = find(header.dh, header.number);
    if (messageKey !== undefined) {
      const used = { dh: header.dh, number: header.number };
      return { ratchet, plaintext: open(messageKey), skipped: { added: [], used } };
    }
    if (isSameChain) throw new SimppError('key-gone', 'This message was read before, or came too late.');
  }

  const added: SkippedKey[] = [];
  const turned = isSameChain ? { ...ratchet, receiving } : turn(crypto, ratchet, header, added);
  const chain = walk(crypto, turned.receiving, header.number, added);
  const plaintext = open(crypto.hmacSha256(chain.key, messageInfo));
  const next = { dh: chain.dh, key: crypto.hmacSha256(chain.key, chainInfo), number: chain.number + 1 };
  return { ratchet: { ...turned, receiving: next }, plaintext, skipped: { added } };
}

type ReceivingChain = NonNullable<Ratchet['receiving']>;

/** The DH step of a new DHr: skips what is left of the old chain, and makes a reply begin a chain of its own. */
function turn(
  crypto: Crypto,
  ratchet: Ratchet,
  header: RatchetHeader,
  added: SkippedKey[],
): Ratchet & { readonly receiving: ReceivingChain } {
  const { own, receiving, sending, previous } = ratchet;
  // Without DHs the peer has nothing new to answer, so nobody can know this step's key.
  if (own === undefined) throw new SimppError('message-forged');
  if (receiving !== undefined) walk(crypto, receiving, header.previous, added);
  const dh = crypto.p256.publicKey(header.dh);
  const { root, key } = step(crypto, ratchet.root, own, dh);
  return { root, receiving: { dh, key, number: 0 }, previous: sending?.number ?? previous };
}

/** The chain at message `number`; the keys of those before it are added. */
function walk(crypto: Crypto, chain: ReceivingChain, number: number, added: SkippedKey[]): ReceivingChain {
  if (number - chain.number > maxSkippedInStep - added.length) {
    throw new SimppError('message-forged', `More than ${maxSkippedInStep} messages before this one are missing.`);
  }
  let { key } = chain;
  for (let at = chain.number; at < number; at++) {
    added.push({ dh: chain.dh.bytes, number: at, key: crypto.hmacSha256(key, messageInfo) });
    key = crypto.hmacSha256(key, chainInfo);
  }
  return { dh: chain.dh, key, number: Math.max(chain.number, number) };
}
