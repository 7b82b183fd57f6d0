// Bounds how long a connection may take to get somewhere. When time is up, or
// the caller gives up, the watched stream is destroyed with an error, which is
// what whoever waits for it then sees.

import type { Duplex } from 'node:stream';
import { asSimppError, type SimppError } from '../../shared/errors.ts';

export interface DeadlineOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** What a stream is destroyed with when time is up. */
  readonly tooSlow: () => SimppError;
}

export class Deadline implements Disposable {
  readonly #timer: NodeJS.Timeout;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.#fire(asSimppError(this.#signal?.reason, 'server-unreachable'));
  #watched: Duplex | undefined;
  #fired: SimppError | undefined;

  constructor({ timeoutMs, signal, tooSlow }: DeadlineOptions) {
    this.#signal = signal;
    this.#timer = setTimeout(() => this.#fire(tooSlow()), timeoutMs);
    signal?.addEventListener('abort', this.#onAbort);
    if (signal?.aborted) this.#onAbort();
  }

  /** From now on this stream is the one that must not take too long. */
  watch<S extends Duplex>(stream: S): S {
    this.#watched = stream;
    if (this.#fired !== undefined) stream.destroy(this.#fired);
    return stream;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#watched = undefined;
  }

  #fire(error: SimppError): void {
    this.#fired = error;
    this.#watched?.destroy(error);
  }
}
