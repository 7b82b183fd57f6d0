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
    const start = this.#pass(length);
    return this.#bytes.slice(start, start + length);
  }

  /** A big-endian unsigned integer of 1, 2, 4 or 8 bytes; values beyond 2^53 - 1 are refused. */
  uint(bytes: 1 | 2 | 4 | 8): number {
    const start = this.#pass(bytes);
    let value = 0;
    for (let at = start; at < start + bytes; at++) value = value * 256 + this.#bytes[at]!;
    if (!Number.isSafeInteger(value)) throw new SimppError('malformed-message', 'a number is too large');
    return value;
  }

  /** Ends the reading; trailing bytes are an error. */
  end(): void {
    if (this.#at !== this.#bytes.length) throw new SimppError('malformed-message', 'bytes trail a message');
  }

  /** Moves on over `length` bytes and gives the place where they begin. */
  #pass(length: number): number {
    const start = this.#at;
    if (start + length > this.#bytes.length) throw new SimppError('malformed-message', 'a message ends too early');
    this.#at = start + length;
    return start;
  }
}
