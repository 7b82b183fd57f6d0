// Counters since the start, for `simpp status`: numbers only.

export type CounterName =
  | 'connections'
  | 'connectionsRefused'
  | 'logins'
  | 'loginsFailed'
  | 'sessions'
  | 'sessionsTakenOver'
  | 'serversLost'
  | 'streamErrors'
  | 'stanzasUp'
  | 'stanzasDown';

export class Tally {
  readonly #counts = new Map<CounterName, number>();

  add(name: CounterName, by = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
  }

  /** The counters that are not zero. */
  get counters(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
}
