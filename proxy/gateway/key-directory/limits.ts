// How often what is asked and published (docs/protocol.md §9.1). One-time keys
// are few: whoever asks too often gets the bundle without them, never no bundle.
import { Buckets } from '../buckets.ts';

const minute = 1 / 60;
const maxKeys = 20_000;

export class KeyLimits {
  readonly #fetches: Buckets;
  readonly #publications: Buckets;
  readonly #oneTimeOfPair: Buckets;
  readonly #oneTimeOfTarget: Buckets;

  /** A clock in milliseconds that only goes forward. */
  constructor(clockMs: () => number) {
    // Everybody in a long roster at once, after a login.
    this.#fetches = new Buckets({ capacity: 500, refillPerSecond: 5, maxKeys }, clockMs);
    this.#publications = new Buckets({ capacity: 100, refillPerSecond: 20 * minute, maxKeys }, clockMs);
    this.#oneTimeOfPair = new Buckets({ capacity: 5, refillPerSecond: minute / 5, maxKeys }, clockMs);
    this.#oneTimeOfTarget = new Buckets({ capacity: 10, refillPerSecond: 10 * minute, maxKeys }, clockMs);
  }

  admitsFetch(asker: string): boolean {
    return this.#fetches.take(asker);
  }

  admitsPublication(jid: string): boolean {
    return this.#publications.take(jid);
  }

  /** Whether this asker may have one-time keys of this account's devices, and anybody may now. */
  admitsOneTimeKeys(asker: string, target: string): boolean {
    // A JID has no NUL. Who is refused for itself takes nothing from the others.
    return this.#oneTimeOfPair.take(`${asker}\0${target}`) && this.#oneTimeOfTarget.take(target);
  }
}
