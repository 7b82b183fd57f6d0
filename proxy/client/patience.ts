// How long one client may take to get somewhere. All that a session waits for,
// it waits for through its patience, so that a deadline or the stop of the
// proxy ends each wait with the reason.
import type { SimppError } from '../../shared/errors.ts';

export class Patience {
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** A new deadline from now on, with what it means to miss it. */
  allow(ms: number, missed: () => SimppError): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.end(missed()), ms);
  }

  /** No deadline any more. */
  relax(): undefined {
    clearTimeout(this.#timer);
  }

  /** Ends every wait, present and future. */
  end(reason: SimppError): void {
    clearTimeout(this.#timer);
    this.#controller.abort(reason);
  }

  /** Calls back, with the reason, when patience ends or if it has ended; the returned function forgets the callback. */
  onEnd(callback: (reason: SimppError) => void): () => void {
    const { signal } = this.#controller;
    // as: end() is the only one who aborts, and gives a SimppError.
    const onAbort = (): void => callback(signal.reason as SimppError);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    return () => signal.removeEventListener('abort', onAbort);
  }

  /** The promise's outcome, or the reason when patience ends first. */
  async wait<T>(promise: Promise<T>): Promise<T> {
    const { promise: ended, reject } = Promise.withResolvers<never>();
    const forget = this.onEnd(reject);
    try {
      return await Promise.race([promise, ended]);
    } finally {
      forget();
    }
  }
}
