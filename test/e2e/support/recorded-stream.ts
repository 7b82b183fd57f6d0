// What one connection through a tap said in each direction, apart from all
// others: for replays and for looking at what was not said.
import type { Direction, WireTap } from '../../../proxy/try/wire-tap.ts';

/** Records connections that begin from now on, until another transform takes the tap. */
export class Recorder {
  readonly #streams = new Map<number, Record<Direction, Buffer[]>>();
  readonly #from: number;

  constructor(tap: WireTap) {
    this.#from = tap.connections;
    tap.transform((chunk, direction, connection) => {
      const stream = this.#streams.get(connection) ?? { up: [], down: [] };
      this.#streams.set(connection, stream);
      stream[direction].push(Buffer.from(chunk));
      return chunk;
    });
  }

  /** The bytes of a direction, of the nth connection since the recording began. */
  bytes(direction: Direction, nth = 0): Buffer {
    return Buffer.concat(this.#streams.get(this.#from + nth)?.[direction] ?? []);
  }
}

const handshakeEnd = '</handshake>';

/** The handshake elements of a recorded direction, and what follows the last of them. */
export function cutHandshake(bytes: Buffer): { header: Buffer; handshakes: readonly Buffer[]; rest: Buffer } {
  const first = bytes.indexOf('<handshake');
  if (first < 0) return { header: bytes, handshakes: [], rest: Buffer.alloc(0) };
  const handshakes: Buffer[] = [];
  let at = first;
  for (;;) {
    const end = bytes.indexOf(handshakeEnd, at);
    if (end < 0 || bytes.indexOf('<handshake', at) !== at) break;
    handshakes.push(bytes.subarray(at, end + handshakeEnd.length));
    at = end + handshakeEnd.length;
  }
  return { header: bytes.subarray(0, first), handshakes, rest: bytes.subarray(at) };
}
