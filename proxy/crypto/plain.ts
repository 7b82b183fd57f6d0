// node:crypto hands out Buffers; everything above works on plain Uint8Array.

/** The same memory as a plain Uint8Array; only for Buffers that own their memory, as those of node:crypto do. */
export function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
