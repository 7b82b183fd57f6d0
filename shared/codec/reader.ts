// Reads canonical encodings from untrusted bytes. Every read is bounded; what
// is left over is an error (docs/protocol.md §2.2).
import { SimppError } from '../errors.ts';

/** A cursor over the bytes of one message; throws SimppError('malformed-message'). */
export class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** How many bytes are left. */
  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  /** The next `length` bytes, as a copy that does not keep the input alive. */
  take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new SimppError('malformed-message', 'a message ends too early');
    const taken = this.#bytes.slice(this.#at, end);
    this.#at = end;
    return taken;
  }

  /** A big-endian unsigned integer of 1, 2, 4 or 8 bytes; values beyond 2^53 - 1 are refused. */
  uint(bytes: 1 | 2 | 4 | 8): number {
    let value = 0;
    for (const byte of this.take(bytes)) value = value * 256 + byte;
    if (!Number.isSafeInteger(value)) throw new SimppError('malformed-message', 'a number is too large');
    return value;
  }

  /** Ends the reading; trailing bytes are an error. */
  end(): void {
    if (this.#at !== this.#bytes.length) throw new SimppError('malformed-message', 'bytes trail a message');
  }
}
