// Writes canonical encodings (docs/protocol.md §2.2).
import { concat } from '../bytes.ts';

/** Collects the parts of one message. */
export class Writer {
  readonly #parts: Uint8Array[] = [];

  put(bytes: Uint8Array): void {
    this.#parts.push(bytes);
  }

  /** A big-endian unsigned integer of 1, 2, 4 or 8 bytes. */
  uint(value: number, bytes: 1 | 2 | 4 | 8): void {
    const encoded = new Uint8Array(bytes);
    let rest = value;
    for (let at = bytes - 1; at >= 0; at--) {
      encoded[at] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    this.#parts.push(encoded);
  }

  bytes(): Uint8Array {
    return concat(...this.#parts);
  }
}
