// The time that a stranger has for something. What takes longer rejects as too
// slow, and the connection stays, so that the last word can still be said.

import { SimppError } from '../../shared/errors.ts';

/** A limit that runs; `clear` it when what it limits is done. */
export class TimeLimit {
  readonly #passed: Promise<never>;
  readonly #timer: NodeJS.Timeout;
  readonly #abort = new AbortController();

  constructor(ms: number) {
    const { promise, reject } = Promise.withResolvers<never>();
    this.#passed = promise;
    // A deadline that nobody waits for when it passes is no unhandled rejection.
    this.#passed.catch(() => undefined);
    this.#timer = setTimeout(() => {
      const tooSlow = new SimppError('too-slow');
      reject(tooSlow);
      this.#abort.abort(tooSlow);
    }, ms);
  }

  /** For work that holds something: aborted when the time has passed, so that it lets go of it. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** What `work` gives, or a rejection with SimppError('too-slow'). */
  on<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#passed]);
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
