// What is written while one piece of input is handled leaves as one: fewer
// records, packets and calls to the kernel. A piece of input is handled in one
// go, so that the end of it is known, and nothing has to be scheduled for it.
import type { Duplex } from 'node:stream';

/** What was written to in the present turn; undefined between turns. */
let gathered: Duplex[] | undefined;

/** Handles a piece of input; what it wrote by way of `gather` leaves when it returns or throws. */
export function inTurn(handle: () => void): void {
  if (gathered !== undefined) {
    handle();
    return;
  }
  const streams: Duplex[] = [];
  gathered = streams;
  try {
    handle();
  } finally {
    gathered = undefined;
    for (const stream of streams) stream.uncork();
  }
}

/** Holds what is written to the stream from now on until the end of the turn, or, outside of one, of this task. */
export function gather(stream: Duplex): void {
  if (stream.writableCorked > 0) return;
  stream.cork();
  if (gathered === undefined) process.nextTick(() => stream.uncork());
  else gathered.push(stream);
}
