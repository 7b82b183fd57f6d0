// What the gateway counts for operators: numbers by constant names, never
// contents.

/** Everything that is counted, since the start. */
export const counterNames = [
  'connections',
  'refusedConnections',
  'proxyHeadersRefused',
  'handshakes',
  'handshakeFailures',
  'guests',
  'logins',
  'registrations',
  'enrolments',
  'enrolmentFailures',
  'jidMismatches',
  'loginFailures',
  'refusedLogins',
  'removals',
  'spliced',
  'terminated',
] as const;

export type CounterName = (typeof counterNames)[number];

/** The counters of one gateway. */
export class Counters {
  readonly #values = new Map<CounterName, number>(counterNames.map((name) => [name, 0]));

  add(name: CounterName): void {
    this.#values.set(name, this.of(name) + 1);
  }

  of(name: CounterName): number {
    return this.#values.get(name) ?? 0;
  }

  /** All of them, by name. */
  all(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#values);
  }
}
