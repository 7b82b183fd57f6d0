// Verifications by six digits with one's contacts (docs/protocol.md §9.6): one at
// a time with each, driven by what the person types and what the contact's
// device sends.
import { toBase64 } from '../../shared/bytes.ts';
import type { Crypto } from '../../shared/crypto/provider.ts';
import { SimppError } from '../../shared/errors.ts';
import type { Entropy } from '../../shared/simpp/entropy.ts';
import { verificationContent } from '../../shared/xmpp/control-content.ts';
import { verificationFacts } from './contact/explain.ts';
import type { VerificationFacts } from './desk.ts';
import {
  expired,
  nextVerification,
  noVerification,
  type EndReason,
  type Parties,
  type Verification,
  type VerificationEvent,
  type VerificationStep,
} from './verification.ts';

export interface VerificationsDeps {
  readonly crypto: Crypto;
  readonly entropy: Entropy;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Both KU_A as they are known now; throws SimppError where one is missing. */
  readonly parties: (jid: string) => Parties;
  readonly send: (jid: string, content: Uint8Array) => Promise<boolean>;
  /** The person typed the right digits for this key. */
  readonly confirmed: (jid: string, kuA: Uint8Array) => void;
  readonly news: (facts: VerificationFacts, reason: EndReason | undefined) => void;
}

const maxRunning = 64;

export class Verifications {
  readonly #deps: VerificationsDeps;
  readonly #states = new Map<string, Verification>();

  constructor(deps: VerificationsDeps) {
    this.#deps = deps;
  }

  /** Begins one, or answers theirs. */
  async start(jid: string): Promise<VerificationFacts> {
    const { entropy, parties } = this.#deps;
    const event = { kind: 'start', parties: parties(jid), id: newId(entropy), nonce: entropy.bytes(16) } as const;
    return this.#take(jid, event);
  }

  async typed(jid: string, digits: string): Promise<VerificationFacts> {
    if (this.#state(jid).kind !== 'comparing') {
      throw new SimppError('usage', `No verification with ${jid} waits for digits. Begin one first.`);
    }
    return this.#take(jid, { kind: 'typed', digits });
  }

  /** A step came from the contact. */
  async received(jid: string, step: VerificationStep): Promise<void> {
    const { entropy, parties } = this.#deps;
    if (this.#states.size >= maxRunning && !this.#states.has(jid)) return;
    await this.#take(jid, { kind: 'received', step, parties: parties(jid), nonce: entropy.bytes(16) });
  }

  facts(jid: string): VerificationFacts {
    return factsOf(jid, this.#state(jid));
  }

  async #take(jid: string, event: VerificationEvent): Promise<VerificationFacts> {
    const { crypto, now, send, confirmed, news } = this.#deps;
    const { state, send: step, isNews } = nextVerification(crypto, this.#state(jid), event, now());
    this.#states.delete(jid);
    this.#states.set(jid, state);
    const facts = factsOf(jid, state);
    if (state.kind === 'confirmed' && event.kind === 'typed') confirmed(jid, state.contact.kuA);
    if (isNews) news(facts, state.kind === 'over' ? state.reason : undefined);
    if (step !== undefined && !(await send(jid, verificationContent(step)))) {
      throw new SimppError('server-unreachable', `${jid} cannot be written to at the moment. Try again later.`);
    }
    return facts;
  }

  #state(jid: string): Verification {
    return expired(this.#states.get(jid) ?? noVerification, this.#deps.now());
  }
}

function factsOf(contact: string, state: Verification): VerificationFacts {
  return verificationFacts(state) ?? { contact, state: 'over' };
}

function newId(entropy: Entropy): string {
  return toBase64(entropy.bytes(12)).replaceAll('+', '-').replaceAll('/', '_');
}
