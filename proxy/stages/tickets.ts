// What the engine has been asked and has not said all about.
import type { News } from './errand.ts';
import type { WaitingStanza } from './lanes.ts';
import type { Way } from './way.ts';

export interface Ticket {
  readonly way: Way;
  readonly waiting: WaitingStanza;
}

export class Tickets {
  readonly #open = new Map<number, Ticket>();
  #last = 0;

  /** The number by which the engine will speak of it. */
  add(ticket: Ticket): number {
    this.#open.set(++this.#last, ticket);
    return this.#last;
  }

  /** The engine says what became of one; undefined when it has said so before. */
  done({ ticket: number, up, down, isDurable }: Extract<News, { kind: 'done' }>): Ticket | undefined {
    const ticket = this.#open.get(number);
    if (ticket === undefined || ticket.waiting.outcome !== undefined) return undefined;
    if (isDurable) this.#open.delete(number);
    ticket.waiting.isDurable = isDurable;
    ticket.waiting.outcome = ticket.way.from === 'client' ? up : down;
    return ticket;
  }

  /** The engine says that one is durable; undefined while its outcome is due, which says that itself. */
  endured(number: number): Ticket | undefined {
    const ticket = this.#open.get(number);
    if (ticket?.waiting.outcome === undefined) return undefined;
    this.#open.delete(number);
    return ticket;
  }
}
