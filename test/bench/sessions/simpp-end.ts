// One device of SIMPP in a session: the whole of C6 and C7 (docs/protocol.md
// §9.4) with a wrap for one device, over whatever keeps its session.
import type { Crypto } from '../../../shared/crypto/provider.ts';
import type { Content } from '../../../shared/simpp/end-to-end-messages.ts';
import { systemEntropy } from '../../../shared/simpp/entropy.ts';
import { openPayload, readMessage, sealMessage, type StanzaAddress } from '../../../shared/simpp/message.ts';
import type { SkippedKeys } from '../../../shared/simpp/ratchet.ts';
import { openWrap, type Session } from '../../../shared/simpp/session.ts';
import { readEnvelope, writeEnvelope } from '../../../shared/xmpp/envelope.ts';
import { messageBytes, type End } from './talk.ts';

/** Where a session lives. */
export interface Keeper {
  readonly session: Session;
  sent(before: Session, after: Session): void;
  received(after: Session, skipped: SkippedKeys): void;
  /** A message that was sent or read, by its digest. */
  archive?(digest: Uint8Array, envelope: Uint8Array, isOwn: boolean): void;
  durable(): Promise<void>;
}

/** In memory, and nowhere else. */
export function memoryKeeper(session: Session): Keeper {
  let current = session;
  return {
    get session() {
      return current;
    },
    sent: (_before, after) => void (current = after),
    received: (after) => void (current = after),
    durable: () => Promise.resolve(),
  };
}

export interface SimppEndOptions {
  readonly crypto: Crypto;
  readonly jid: string;
  readonly deviceId: Uint8Array;
  readonly peerJid: string;
  readonly keeper: Keeper;
  /** Each message in an envelope (XEP-0420) that is written and read; else its bytes are sealed as they are. */
  readonly withEnvelope: boolean;
}

const listHash = new Uint8Array(32);
const text = new Uint8Array(messageBytes).fill(0x68);
const body = new TextEncoder().encode(`<body xmlns='jabber:client'>${'h'.repeat(messageBytes)}</body>`);

export class SimppEnd implements End<Uint8Array> {
  readonly #options: SimppEndOptions;
  readonly #entropy;

  constructor(options: SimppEndOptions) {
    this.#options = options;
    this.#entropy = systemEntropy(options.crypto);
  }

  get session(): Session {
    return this.#options.keeper.session;
  }

  async seal(messages: number): Promise<readonly Uint8Array[]> {
    const sealed = Array.from({ length: messages }, () => this.#seal());
    await this.#options.keeper.durable();
    return sealed;
  }

  async open(sealed: readonly Uint8Array[]): Promise<void> {
    for (const each of sealed) this.#open(each);
    await this.#options.keeper.durable();
  }

  #seal(): Uint8Array {
    const { crypto, jid, deviceId, peerJid, keeper } = this.#options;
    const envelope = this.#envelope();
    const content: Content = {
      senderListVersion: 1,
      senderListHash: listHash,
      recipientListVersion: 1,
      recipientListHash: listHash,
      envelope,
    };
    const before = keeper.session;
    const address = addressOf(jid, peerJid);
    const outgoing = { ...address, deviceId, content, recipients: [before] };
    const { c6, digest, sessions } = sealMessage({ crypto, entropy: this.#entropy }, outgoing);
    keeper.sent(before, sessions[0]!);
    keeper.archive?.(digest, envelope, true);
    return c6;
  }

  #open(c6: Uint8Array): void {
    const { crypto, jid, deviceId, peerJid, keeper, withEnvelope } = this.#options;
    const { message, digest, wrapFor } = readMessage(crypto, c6);
    const wrap = wrapFor(deviceId);
    if (wrap === undefined) throw new TypeError('no wrap for this device');
    const opened = openWrap({ crypto }, keeper.session, wrap, () => undefined);
    const { envelope } = openPayload(crypto, message, opened.plaintext, addressOf(peerJid, jid));
    if (withEnvelope && readEnvelope(envelope).from !== peerJid) throw new TypeError('not what was sealed');
    keeper.received(opened.session, opened.skipped);
    keeper.archive?.(digest, envelope, false);
  }

  #envelope(): Uint8Array {
    const { jid, peerJid, withEnvelope } = this.#options;
    if (!withEnvelope) return text;
    return writeEnvelope({ content: body, from: jid, to: peerJid, time: 1_800_000_000_000 }, this.#entropy);
  }
}

const addressOf = (from: string, to: string): StanzaAddress => ({ from, to, type: 'chat', id: 'message-1' });
