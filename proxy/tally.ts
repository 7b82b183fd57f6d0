// Counters since the start, for `simpp status`: numbers only, of the whole
// proxy and of each set-up.

export type CounterName =
  | 'connections'
  | 'connectionsRefused'
  | 'logins'
  | 'loginsFailed'
  | 'sessions'
  | 'sessionsTakenOver'
  | 'serversLost'
  | 'resumed'
  | 'resumptionsFailed'
  | 'streamErrors'
  | 'stanzasUp'
  | 'stanzasDown';

/** What a session counts with. */
export interface Counting {
  add(name: CounterName, by?: number): void;
}

export class Tally implements Counting {
  readonly #counts = new Map<CounterName, number>();
  readonly #bySetup = new Map<string, Tally>();

  add(name: CounterName, by = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
  }

  /** Counts here and, from when it is known, under the set-up that a session uses. */
  attributedTo(setup: () => string | undefined): Counting {
    return {
      add: (name, by = 1) => {
        this.add(name, by);
        const of = setup();
        if (of !== undefined) this.#of(of).add(name, by);
      },
    };
  }

  /** The counters that are not zero. */
  get counters(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  /** The counters of one set-up that are not zero. */
  countersOf(setup: string): Readonly<Record<string, number>> {
    return this.#bySetup.get(setup)?.counters ?? {};
  }

  #of(setup: string): Tally {
    let tally = this.#bySetup.get(setup);
    if (tally === undefined) this.#bySetup.set(setup, (tally = new Tally()));
    return tally;
  }
}
