// The conversation with one contact (docs/protocol.md §10.3): C1 and C3, held
// until C4 comes; or their C3, C2 and our C4. K_AB lives here and nowhere else.
import { Buffer } from 'node:buffer';
import type { Crypto, PrivateKey, PublicKey } from '../../../shared/crypto/provider.ts';
import { equalBytes, utf8 } from '../../../shared/bytes.ts';
import { SimppError } from '../../../shared/errors.ts';
import {
  answerClassicConversation,
  openClassicConversation,
  type ClassicConversation,
  type ClassicCurve,
  type ClassicOpening,
  type ClassicPeers,
} from '../../../shared/simpp/classic/conversation.ts';
import type { Entropy } from '../../../shared/simpp/entropy.ts';
import type { KeyAnswer } from './keys.ts';

export interface TalkDeps {
  /** One's own bare JID and the contact's. */
  readonly own: string;
  readonly contact: string;
  readonly crypto: Crypto;
  readonly entropy: Entropy;
  readonly krA: PrivateKey;
  readonly curve: ClassicCurve;
  readonly keyOf: (contact: string) => Promise<KeyAnswer>;
  /** Sends C3 or C4 to the contact, and gives the message's id. */
  readonly send: (share: Uint8Array) => string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Whether a contact can be written to. */
export type Reach =
  | { readonly kind: 'talk'; readonly conversation: ClassicConversation }
  /** S says that the contact has no KU. `hadKey`: S has given one before. */
  | { readonly kind: 'no-key'; readonly hadKey: boolean }
  | { readonly kind: 'no-answer' }
  | { readonly kind: 'failed'; readonly reason: string };

interface Opening {
  readonly reached: Promise<Reach>;
  readonly settle: (reach: Reach) => void;
  /** Once C3 is sent, in a message with this id. */
  step?: ClassicOpening;
  id?: string;
  timer?: NodeJS.Timeout;
}

/** So long what is to be sent waits for C4. */
export const answerMs = 5000;
/** What cannot be opened begins a conversation at most this often: anybody on the way could cause it. */
const renewalMs = 60_000;

export class Talk {
  readonly #deps: TalkDeps;
  #live: ClassicConversation | undefined;
  /** The C3 that the living conversation began with, when it was theirs. */
  #answered: Uint8Array | undefined;
  #opening: Opening | undefined;
  #hadKey = false;
  #isAnswering = false;
  #renewedAt = -Infinity;

  constructor(deps: TalkDeps) {
    this.#deps = deps;
  }

  get isLive(): boolean {
    return this.#live !== undefined;
  }

  /** The conversation, begun where there is none. */
  reach(): ClassicConversation | Promise<Reach> {
    if (this.#opening === undefined && this.#live !== undefined) return this.#live;
    return (this.#opening ?? this.#open()).reached;
  }

  /** The text of a C6 or C7; undefined where it was sealed under another K_AB. */
  read(c6: Uint8Array): Uint8Array | undefined {
    try {
      return this.#live?.open(c6);
    } catch (error) {
      if (error instanceof SimppError) return undefined;
      throw error;
    }
  }

  /** The contact uses a K_AB that is not known here, since it outlived our stream: a new one is agreed. */
  renew(): void {
    const now = this.#deps.now();
    if (this.#opening !== undefined || now - this.#renewedAt < renewalMs) return;
    this.#renewedAt = now;
    this.#open();
  }

  /** Answers C3 with C4; a SimppError says why not. */
  async heardC3(c3: Uint8Array): Promise<void> {
    // A server gives each client of an account a copy of it.
    if (this.#isAnswering || (this.#answered !== undefined && equalBytes(this.#answered, c3))) return;
    if (this.#isOursFirst()) return;
    this.#isAnswering = true;
    try {
      const answer = await this.#ask();
      if (answer.kind !== 'key') throw new SimppError('handshake-failed', 'nothing is known of who began to talk');
      if (this.#isOursFirst()) return;
      const { c4, conversation } = answerClassicConversation(this.#peers(answer.key), c3);
      this.#answered = c3;
      // C4 goes first: what waits is sealed under the key that it brings.
      this.#deps.send(c4);
      this.#begin(conversation);
    } finally {
      this.#isAnswering = false;
    }
  }

  /** Takes C4; one that nobody waits for changes nothing. */
  heardC4(c4: Uint8Array): void {
    const { step } = this.#opening ?? {};
    if (step === undefined) return;
    let conversation: ClassicConversation;
    try {
      conversation = step.next(c4);
    } catch (error) {
      if (!(error instanceof SimppError)) throw error;
      return this.#settle({ kind: 'failed', reason: error.message });
    }
    this.#answered = undefined;
    this.#begin(conversation);
  }

  /** The message with this id came back as an error: if it was our C3, the contact is not there. */
  returned(id: string): void {
    if (this.#opening?.id === id) this.#settle({ kind: 'no-answer' });
  }

  /** The last stream of the account is over. */
  end(): void {
    this.#settle({ kind: 'no-answer' });
    this.#live = undefined;
  }

  #open(): Opening {
    const { promise: reached, resolve: settle } = Promise.withResolvers<Reach>();
    const opening: Opening = { reached, settle };
    this.#opening = opening;
    void this.#sendC3(opening);
    return opening;
  }

  async #sendC3(opening: Opening): Promise<void> {
    const answer = await this.#ask();
    // Their C3 may have been faster.
    if (this.#opening !== opening) return;
    if (answer.kind === 'none') return this.#settle({ kind: 'no-key', hadKey: this.#hadKey });
    if (answer.kind === 'failed') return this.#settle(answer);
    opening.step = openClassicConversation(this.#peers(answer.key));
    opening.timer = setTimeout(() => this.#settle({ kind: 'no-answer' }), answerMs);
    opening.id = this.#deps.send(opening.step.c3);
  }

  async #ask(): Promise<KeyAnswer> {
    const answer = await this.#deps.keyOf(this.#deps.contact);
    this.#hadKey ||= answer.kind === 'key';
    return answer;
  }

  /** When both have sent C3, that of the lower JID counts. */
  #isOursFirst(): boolean {
    const { own, contact } = this.#deps;
    return this.#opening?.step !== undefined && Buffer.compare(utf8(own), utf8(contact)) < 0;
  }

  #begin(conversation: ClassicConversation): void {
    this.#live = conversation;
    this.#settle({ kind: 'talk', conversation });
  }

  #settle(reach: Reach): void {
    const opening = this.#opening;
    this.#opening = undefined;
    clearTimeout(opening?.timer);
    opening?.settle(reach);
  }

  #peers(other: PublicKey): ClassicPeers {
    const { crypto, entropy, krA: own, curve } = this.#deps;
    return { crypto, entropy, own, other, curve };
  }
}
