// Stanzas that the server has been sent and has not acknowledged, oldest first.
// It belongs to the state of one stage and changes with it.

/** Beyond either bound the client must wait. */
export const window = { stanzas: 1000, bytes: 1024 * 1024 } as const;

export class Unacknowledged {
  #stanzas: Uint8Array[] = [];
  #first = 0;
  #bytes = 0;

  get length(): number {
    return this.#stanzas.length - this.#first;
  }

  /** A stanza larger than the window is still taken, as the only one. */
  get isFull(): boolean {
    return this.length >= window.stanzas || this.#bytes >= window.bytes;
  }

  push(stanza: Uint8Array): void {
    this.#stanzas.push(stanza);
    this.#bytes += stanza.length;
  }

  /** Forgets this many of the oldest; there are as many. */
  drop(count: number): void {
    for (let dropped = 0; dropped < count; dropped++) this.#bytes -= this.#stanzas[this.#first++]!.length;
    if (this.#first < 64 && this.length > 0) return;
    this.#stanzas = this.#stanzas.slice(this.#first);
    this.#first = 0;
  }

  /** Takes all out. */
  takeAll(): readonly Uint8Array[] {
    const all = this.all();
    this.drop(this.length);
    return all;
  }

  all(): readonly Uint8Array[] {
    return this.#stanzas.slice(this.#first);
  }
}
