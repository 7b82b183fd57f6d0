// Bytes that arrive in chunks and leave in pieces of other lengths.
import { concat } from './bytes.ts';

/** More chunks are joined, so that a sender of single bytes makes us hold bytes and not thousands of arrays. */
const maxChunks = 64;

/** A queue of bytes; a piece that came within one chunk leaves without being copied. */
export class ByteQueue {
  #chunks: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Adds bytes at the end; the array must not be changed afterwards. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#chunks.length > maxChunks) this.#chunks = [concat(...this.#chunks)];
  }

  /** Takes the next `length` bytes, or undefined while there are fewer. */
  take(length: number): Uint8Array | undefined {
    if (length > this.#length) return undefined;
    return this.#takeWithin(length) ?? this.#takeAcross(length);
  }

  /** From the first chunk alone, without a copy, if it has enough: the usual case, and the one that must be quick. */
  #takeWithin(length: number): Uint8Array | undefined {
    const first = this.#chunks[0];
    if (first === undefined || first.length < length) return undefined;
    this.#length -= length;
    if (first.length === length) {
      this.#chunks.shift();
      return first;
    }
    const { buffer, byteOffset } = first;
    this.#chunks[0] = new Uint8Array(buffer, byteOffset + length, first.length - length);
    return new Uint8Array(buffer, byteOffset, length);
  }

  #takeAcross(length: number): Uint8Array {
    const pieces: Uint8Array[] = [];
    let missing = length;
    let whole = 0;
    while (missing > 0) {
      const chunk = this.#chunks[whole]!;
      pieces.push(chunk.subarray(0, missing));
      if (chunk.length > missing) this.#chunks[whole] = chunk.subarray(missing);
      else whole++;
      missing -= Math.min(chunk.length, missing);
    }
    this.#chunks.splice(0, whole);
    this.#length -= length;
    return concat(...pieces);
  }
}
