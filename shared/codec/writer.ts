// Writes canonical encodings (docs/protocol.md §2.2).

const firstBytes = 256;

/** Collects one message, in an array that grows. */
export class Writer {
  #bytes = new Uint8Array(firstBytes);
  #length = 0;

  put(bytes: Uint8Array): void {
    const at = this.#extend(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** A big-endian unsigned integer of 1, 2, 4 or 8 bytes. */
  uint(value: number, bytes: 1 | 2 | 4 | 8): void {
    const start = this.#extend(bytes);
    let rest = value;
    for (let at = start + bytes - 1; at >= start; at--) {
      this.#bytes[at] = rest % 256;
      rest = Math.floor(rest / 256);
    }
  }

  /** What was written, in memory of its own. */
  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Makes room and gives the place where it begins. */
  #extend(length: number): number {
    const at = this.#length;
    this.#length += length;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    return at;
  }
}
