// Enrolment: a guest's channel learns who speaks in it (transparency.md §2).
// Once the server has bound a JID, R1–R3 (first time) or S1–S3 (later) run in
// control records, bound to the channel by its transcript hash, and K_AS is
// mixed into the record keys. M3 is the last record under the old key towards
// the gateway, Identity the last one under the old key from it. Whatever goes
// wrong, the login goes on.

import type { Crypto, PublicKey } from '../../shared/crypto/provider.ts';
import { asSimppError } from '../../shared/errors.ts';
import type { Hello } from '../../shared/simpp/client.ts';
import { enrol as enrolMessage, identityStatuses, type Control } from '../../shared/simpp/control.ts';
import type { Entropy } from '../../shared/simpp/entropy.ts';
import type { ClientStep, Session } from '../../shared/simpp/handshake.ts';
import { simpp2 } from '../../shared/simpp/profile.ts';
import { bareJid } from '../../shared/xmpp/jid.ts';
import type { ChannelSocket } from '../channel-socket.ts';
import { helloFor, registrationHello } from '../identity/hello.ts';
import type { IdentityKeeper } from '../identity/keeper.ts';
import type { Log } from '../log.ts';

export interface EnrolDeps {
  readonly crypto: Crypto;
  readonly entropy: Entropy;
  readonly identities: IdentityKeeper;
  /** The agreement half of the pinned KU_S. */
  readonly kuS: PublicKey;
  /** Of the set-up. */
  readonly domain: string;
  readonly log: Log;
  /** How long the bind result may wait: 2 s unless told otherwise. */
  readonly timeoutMs?: number | undefined;
}

/** What became of it; `refused` also when it failed or took too long. */
export type EnrolOutcome = (typeof identityStatuses)[number] | 'refused';

export const defaultEnrolTimeoutMs = 2000;

/** Enrols the JID that the server bound; never rejects, and resolves within the time-out. */
export function enrol(channel: ChannelSocket, jid: string, deps: EnrolDeps): Promise<EnrolOutcome> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => conclude('refused', 'it took too long'), deps.timeoutMs ?? defaultEnrolTimeoutMs);
    const conclude = (outcome: EnrolOutcome, why?: string): void => {
      clearTimeout(timer);
      channel.off('close', onClose);
      if (why !== undefined) deps.log.warn('enrolment failed', { jid, stage: 'enrolment', text: why });
      resolve(outcome);
    };
    const onClose = (): void => conclude('refused', 'the channel ended');
    channel.once('close', onClose);
    new Enrolment(channel, deps, conclude)
      .begin(jid)
      .catch((error: unknown) => conclude('refused', asSimppError(error).message));
  });
}

type State =
  | { readonly kind: 'idle' }
  /** M1 was sent; `again` is what may be tried when it is refused. */
  | {
      readonly kind: 'asked';
      readonly next: (reply: Uint8Array) => ClientStep;
      readonly again: Hello | undefined;
    }
  /** M3 was sent: what is sent from now on is under the new key. */
  | { readonly kind: 'proven'; readonly session: Session }
  | { readonly kind: 'over' };

/**
 * One enrolment. It outlives the patience of whoever waits for it: an Identity
 * that comes late still changes the key, or the next record would look forged.
 */
class Enrolment {
  readonly #channel: ChannelSocket;
  readonly #deps: EnrolDeps;
  readonly #conclude: (outcome: EnrolOutcome, why?: string) => void;
  readonly #onControl = (control: Control): void => this.#receive(control);
  #jid = '';
  #state: State = { kind: 'idle' };

  constructor(channel: ChannelSocket, deps: EnrolDeps, conclude: (outcome: EnrolOutcome, why?: string) => void) {
    this.#channel = channel;
    this.#deps = deps;
    this.#conclude = conclude;
  }

  async begin(jid: string): Promise<void> {
    this.#jid = bareJid(jid);
    const identity = await this.#deps.identities.open(this.#jid);
    if (this.#channel.destroyed) return;
    this.#channel.onControl(this.#onControl);
    const hello = helloFor(identity);
    // A directory that lost its entry refuses the login, but takes the registration.
    this.#ask(hello, hello.kind === 'login' ? registrationHello(identity) : undefined);
  }

  #ask(hello: Hello, again: Hello | undefined): void {
    const { crypto, entropy, kuS, domain } = this.#deps;
    const { binding } = this.#channel.channel;
    const offer = new Uint8Array(0);
    const step = simpp2.startClient({ crypto, entropy, kuS, domain, offer, binding, hello });
    this.#follow(step, again);
  }

  #follow(step: ClientStep, again: Hello | undefined): void {
    for (const handshake of step.messages) this.#channel.sendControl(enrolMessage.encode({ handshake }));
    if (step.kind === 'send') {
      this.#state = { kind: 'asked', next: (reply) => step.next(reply), again };
      return;
    }
    // In the same breath as M3: nothing may come between.
    this.#channel.channel.mixSending(step.session.kAS);
    this.#state = { kind: 'proven', session: step.session };
  }

  #receive(control: Control): void {
    const state = this.#state;
    switch (control.name) {
      case 'Enrol':
        if (state.kind === 'asked') this.#answer(state.next, control.values.handshake);
        break;
      case 'EnrolRefused':
        if (state.kind === 'asked' && state.again !== undefined) {
          this.#deps.log.warn('gateway does not know this device any more', { jid: this.#jid, stage: 'enrolment' });
          // Should this channel be allowed no second attempt, the next one registers.
          this.#deps.identities.record(this.#jid, 'none');
          this.#ask(state.again, undefined);
        } else if (state.kind !== 'over') this.#finish('refused', 'the gateway refused it');
        break;
      case 'Identity':
        if (state.kind !== 'proven') break;
        // Before the next record is opened: it is the first under the new key.
        this.#channel.channel.mixReceiving(state.session.kAS);
        this.#identified(control.values.status);
        break;
      default:
        // Of others' matters: the end of the channel, the directory.
        break;
    }
  }

  #answer(next: (reply: Uint8Array) => ClientStep, reply: Uint8Array): void {
    try {
      this.#follow(next(reply), undefined);
    } catch (error) {
      this.#finish('refused', asSimppError(error).message);
    }
  }

  #identified(status: number): void {
    const outcome = identityStatuses[status] ?? 'pending';
    this.#deps.identities.record(this.#jid, outcome === 'pending' ? 'pending' : 'registered');
    this.#finish(outcome);
  }

  #finish(outcome: EnrolOutcome, why?: string): void {
    this.#state = { kind: 'over' };
    this.#channel.off('control', this.#onControl);
    this.#conclude(outcome, why);
  }
}
