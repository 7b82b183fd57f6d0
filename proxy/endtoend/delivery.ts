// What becomes of a claimed stanza, and in which order it may be believed: what
// goes up waits for the disk; what goes down does not, but is acknowledged only
// when it is kept (docs/protocol.md §9.8). Nothing that failed leaves.
import { asSimppError } from '../../shared/errors.ts';

import { errorFields } from '../log-error.ts';
import type { Log } from '../log.ts';
import type { Errand, Tell } from '../stages/errand.ts';
import type { Reached } from './crash-points.ts';
import { withoutContact } from './contact/absent-contact.ts';
import type { VirtualContact } from './contact/virtual-contact.ts';
import type { Incoming } from './incoming.ts';
import { newOwnId } from './own-id.ts';
import type { Outcome } from './outcome.ts';
import type { Outgoing } from './outgoing.ts';

type Claimed = Extract<Errand, { readonly kind: 'claimed' }>;

/** What of a stream its claims need. */
export interface ClaimingStream {
  readonly lang: string | undefined;
  /** The virtual contact, where the stream has one. */
  readonly contact: VirtualContact | undefined;
  /** Whether its client has the contact in its roster. */
  isIntroduced: boolean;
}

export interface DeliveryDeps {
  readonly jid: string;
  readonly outgoing: Outgoing;
  readonly incoming: Incoming;
  readonly log: Log;
  readonly reached: Reached;
  readonly streamOf: (tell: Tell) => ClaimingStream | undefined;
}

export class Delivery {
  readonly #deps: DeliveryDeps;

  constructor(deps: DeliveryDeps) {
    this.#deps = deps;
  }

  /** A claimed stanza; its outcome is told, at once where nothing has to be waited for. */
  claimed(errand: Claimed, tell: Tell): void {
    try {
      const outcome = this.#take(errand, tell);
      if (outcome instanceof Promise) {
        outcome.then(
          (settled) => this.#deliver(errand, settled, tell),
          (error: unknown) => this.#failed(errand, error, tell),
        );
      } else this.#deliver(errand, outcome, tell);
    } catch (error) {
      this.#failed(errand, error, tell);
    }
  }

  #take(errand: Claimed, tell: Tell): Outcome | Promise<Outcome> {
    const { claim, stanza, scope, isAskedFor } = errand;
    const stream = this.#deps.streamOf(tell);
    const lang = stream?.lang;
    switch (claim) {
      case 'seal':
        return this.#deps.outgoing.take({ stanza, scope, lang });
      case 'open':
        return this.#deps.incoming.take({ stanza, scope, lang, isAskedFor });
      case 'command':
        if (stream?.contact === undefined) return withoutContact(stanza, scope);
        return stream.contact.answer(stanza, scope).then((down) => ({ up: [], down }));
      case 'roster': {
        if (stream?.contact === undefined || stream.isIntroduced) return { up: [], down: [stanza] };
        stream.isIntroduced = true;
        return { up: [], down: [stanza, ...stream.contact.introduce(newOwnId())] };
      }
    }
  }

  /** What goes up waits for the disk; what goes down does not, but is acknowledged only then (§9.8). */
  #deliver(errand: Claimed, outcome: Outcome, tell: Tell): void {
    const { ticket, claim } = errand;
    const { up, down, durable } = outcome;
    const done = (isDurable: boolean): void => tell({ kind: 'done', ticket, up, down, isDurable });
    if (durable === undefined) return done(true);
    if (claim === 'open') {
      done(false);
      this.#deps.reached('open.after-delivery-before-commit');
      durable.then(
        () => {
          this.#deps.reached('open.after-commit-before-acknowledgement');
          tell({ kind: 'durable', ticket });
        },
        (error: unknown) => this.#broken(error, tell),
      );
      return;
    }
    void this.#whenDurable(durable, errand, outcome, tell);
  }

  /** Nothing that could not be kept is sent, nor acknowledged. */
  #failed(errand: Claimed, thrown: unknown, tell: Tell): void {
    const { claim, stanza, scope, ticket } = errand;
    const error = asSimppError(thrown);
    this.#deps.log.error('end-to-end encryption failed', { jid: this.#deps.jid, stage: claim, ...errorFields(error) });
    if (claim === 'open' && error.fault === 'peer') {
      const { down } = this.#deps.incoming.unjudged({ ...errand, lang: this.#deps.streamOf(tell)?.lang });
      tell({ kind: 'done', ticket, up: [], down, isDurable: true });
      return;
    }
    // Names that mean nothing would break the client's own stream if they came back.
    if (claim !== 'seal' || error.code === 'invalid-namespace') return this.#broken(error, tell);
    const lang = this.#deps.streamOf(tell)?.lang;
    const refusal =
      error.code === 'storage-failed'
        ? ({ kind: 'storage-failed' } as const)
        : ({ kind: 'not-sealed', text: error.message } as const);
    const { down } = this.#deps.outgoing.refusedUnkept({ stanza, scope, lang }, '', refusal);
    tell({ kind: 'done', ticket, up: [], down, isDurable: true });
  }

  #broken(thrown: unknown, tell: Tell): void {
    tell({ kind: 'failed', error: asSimppError(thrown) });
  }

  async #whenDurable(durable: Promise<void>, errand: Claimed, { up, down }: Outcome, tell: Tell): Promise<void> {
    const { reached } = this.#deps;
    try {
      await durable;
    } catch (error) {
      this.#failed(errand, error, tell);
      return;
    }
    if (errand.claim === 'seal') reached('seal.after-commit-before-send');
    tell({ kind: 'done', ticket: errand.ticket, up, down, isDurable: true });
    if (errand.claim === 'seal') reached('seal.after-send');
  }
}
