// The bounded queue in which handshakes wait for their arithmetic: one piece
// of work a turn of the event loop, so that a flood of handshakes slows down
// handshakes and not the people who are logged in (docs/protocol.md §4 Load).

import { SimppError } from '../../shared/errors.ts';

/** Runs synchronous work in order, a piece a turn. */
export class CryptoQueue {
  readonly #maxWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #isScheduled = false;

  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting;
  }

  /** The result of `work`, once it was its turn; rejects with SimppError('rate-limited') when too many wait. */
  run<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length >= this.#maxWaiting) {
        reject(new SimppError('rate-limited', 'Too many handshakes wait.'));
        return;
      }
      this.#waiting.push(() => {
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
      });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.length === 0) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#waiting.shift()?.();
      this.#schedule();
    });
  }
}
