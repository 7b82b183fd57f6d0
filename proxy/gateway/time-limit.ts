// The time that a stranger has for something. What takes longer rejects as too
// slow, and the connection stays, so that the last word can still be said.

import { SimppError } from '../../shared/errors.ts';

/** A limit that runs; `clear` it when what it limits is done. */
export class TimeLimit {
  readonly #timer: NodeJS.Timeout;
  readonly #abort = new AbortController();
  /** One for each that waits: a promise for all would keep a trace of each wait as long as the connection stands. */
  readonly #waiting = new Set<(tooSlow: SimppError) => void>();
  #passed: SimppError | undefined;

  constructor(ms: number) {
    this.#timer = setTimeout(() => {
      const tooSlow = new SimppError('too-slow');
      this.#passed = tooSlow;
      for (const reject of this.#waiting) reject(tooSlow);
      this.#abort.abort(tooSlow);
    }, ms);
  }

  /** For work that holds something: aborted when the time has passed, so that it lets go of it. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** What `work` gives, or a rejection with SimppError('too-slow'). */
  async on<T>(work: Promise<T>): Promise<T> {
    const { promise: passed, reject } = Promise.withResolvers<never>();
    if (this.#passed !== undefined) reject(this.#passed);
    this.#waiting.add(reject);
    try {
      return await Promise.race([work, passed]);
    } finally {
      this.#waiting.delete(reject);
    }
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
