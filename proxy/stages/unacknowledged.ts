// Stanzas that the server has been sent and has not acknowledged, oldest first.
// It belongs to the state of one stage and changes with it.

/** Beyond either bound the client must wait. */
export const window = { stanzas: 1000, bytes: 1024 * 1024 } as const;

interface Stanza {
  readonly bytes: Uint8Array;
  /** What an answer to it would be known by. */
  readonly request: string | undefined;
}

export class Unacknowledged {
  #stanzas: Stanza[] = [];
  #first = 0;
  #bytes = 0;
  /** Places of the requests that await an answer, counted like `#dropped`. */
  readonly #requests = new Map<string, number>();
  /** Stanzas that were forgotten since the beginning. */
  #dropped = 0;
  /** Stanzas since the beginning up to the last of which an answer is known. */
  #answered = 0;

  get length(): number {
    return this.#stanzas.length - this.#first;
  }

  /** A stanza larger than the window is still taken, as the only one. */
  get isFull(): boolean {
    return this.length >= window.stanzas || this.#bytes >= window.bytes;
  }

  push(bytes: Uint8Array, request?: string): void {
    if (request !== undefined) this.#requests.set(request, this.#dropped + this.length);
    this.#stanzas.push({ bytes, request });
    this.#bytes += bytes.length;
  }

  /** An answer has come: the server had the request, and all before it, which it takes in order (RFC 6120 §10.1). */
  answered(request: string | undefined): void {
    const place = request === undefined ? undefined : this.#requests.get(request);
    if (place !== undefined) this.#answered = Math.max(this.#answered, place + 1);
  }

  /** Forgets this many of the oldest; there are as many. */
  drop(count: number): void {
    for (let dropped = 0; dropped < count; dropped++) {
      const { bytes, request } = this.#stanzas[this.#first++]!;
      this.#bytes -= bytes.length;
      if (request !== undefined && this.#requests.get(request) === this.#dropped) this.#requests.delete(request);
      this.#dropped++;
    }
    if (this.#first < 64 && this.length > 0) return;
    this.#stanzas = this.#stanzas.slice(this.#first);
    this.#first = 0;
  }

  /** Takes all out; those that the server may not have had. */
  takeUnanswered(): readonly Uint8Array[] {
    const unanswered = this.all().slice(Math.max(0, this.#answered - this.#dropped));
    this.drop(this.length);
    return unanswered;
  }

  all(): readonly Uint8Array[] {
    return this.#stanzas.slice(this.#first).map(({ bytes }) => bytes);
  }
}
