// Writing to the two sides of a pipe: whoever's parts found no room waits. That
// may be the side that is written to itself: who does not read the answers to it
// is not heard either.

import type { Leg } from '../leg.ts';

export type Side = 'client' | 'server';

/** The two legs as something to write to. */
export class BackPressure {
  readonly #legs: Readonly<Record<Side, Leg>>;
  readonly #freed: (side: Side) => void;
  /** By where it could not be written: whose parts wait until that has drained. */
  readonly #waiting: Readonly<Record<Side, Set<Side>>> = { client: new Set(), server: new Set() };

  /** `freed` is called when a side need not wait for this any more. */
  constructor(legs: Readonly<Record<Side, Leg>>, freed: (side: Side) => void) {
    this.#legs = legs;
    this.#freed = freed;
  }

  /** Writes to one side what a part of `source` gave; the source is paused when there is no room. */
  write(side: Side, bytes: Uint8Array, source: Side): void {
    const leg = this.#legs[side];
    const waiting = this.#waiting[side];
    const isFull = !leg.write(bytes);
    if (!isFull && waiting.size === 0) return;
    if (waiting.size === 0) leg.onDrain(() => this.#drained(side));
    waiting.add(source);
    this.#legs[source].pause();
  }

  /** Whether a side's parts must wait. */
  holds(side: Side): boolean {
    return this.#waiting.client.has(side) || this.#waiting.server.has(side);
  }

  /** Lets go what was written to a side. */
  flush(side: Side): void {
    const { stream } = this.#legs[side];
    while (stream.writableCorked > 0) stream.uncork();
  }

  #drained(side: Side): void {
    const waiting = [...this.#waiting[side]];
    this.#waiting[side].clear();
    for (const source of waiting) this.#freed(source);
  }
}
