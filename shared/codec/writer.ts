// Writes canonical encodings (docs/protocol.md §2.2).

/** Beyond this, a writer's array is not kept for the next one. */
const keptBytes = 16 * 1024;

/** What the last writer has given back, all zeros: making one anew for each message costs more than the writing. */
let spare: Uint8Array | undefined;

/** Collects one message, in an array that grows. */
export class Writer {
  #bytes: Uint8Array;
  #length = 0;

  constructor() {
    this.#bytes = spare ?? new Uint8Array(keptBytes);
    spare = undefined;
  }

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

  /** What was written, in memory of its own; ends the writer, and nothing of it stays elsewhere. */
  end(): Uint8Array {
    const written = this.#bytes.slice(0, this.#length);
    if (this.#bytes.length === keptBytes) spare = this.#bytes.fill(0, 0, this.#length);
    this.#bytes = nothing;
    this.#length = 0;
    return written;
  }

  /** Makes room and gives the place where it begins. */
  #extend(length: number): number {
    const at = this.#length;
    this.#length += length;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
    }
    return at;
  }
}

const nothing = new Uint8Array(0);
