// Changes the records of one direction of one connection on the wire: each is
// known by its header (docs/protocol.md §7), none can be read.
import type { Direction, WireTap } from '../../../proxy/try/wire-tap.ts';

/** What becomes of the records that came together with this one, and of it; called for each whole record. */
export type Tamper = (record: Buffer) => readonly Buffer[];

const headerBytes = 3;

/** From now on the records of the connection go through the tamper; all else passes. */
export function tamperWith(tap: WireTap, wanted: { connection: number; direction: Direction }, tamper: Tamper): void {
  let waiting = Buffer.alloc(0);
  tap.transform((chunk, direction, connection) => {
    if (direction !== wanted.direction || connection !== wanted.connection) return chunk;
    waiting = Buffer.concat([waiting, chunk]);
    const passed: Buffer[] = [];
    for (;;) {
      const length = headerBytes + (waiting.length < headerBytes ? 0 : waiting.readUInt16BE(1));
      if (waiting.length < headerBytes || waiting.length < length) break;
      passed.push(...tamper(waiting.subarray(0, length)));
      waiting = waiting.subarray(length);
    }
    return Buffer.concat(passed);
  });
}

/** A copy with one bit changed. */
export function flipped(record: Buffer, at: number, bit = 1): Buffer {
  const copy = Buffer.from(record);
  const index = at < 0 ? record.length + at : at;
  copy[index] = (copy[index] ?? 0) ^ bit;
  return copy;
}
