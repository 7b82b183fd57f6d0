// Ending a connection so that the last words arrive: our side is closed, what
// still comes is read and thrown away, since unread bytes would turn the close
// into a reset that erases what was on its way (RFC 1122 §4.2.2.13).
import type { Duplex } from 'node:stream';
import type { Leg } from './leg.ts';

/** Closes a leg for good; resolves when the connection is gone, which is within the given time. */
export function linger(leg: Leg, timeoutMs: number, lastBytes?: Uint8Array | string): Promise<void> {
  const { stream } = leg;
  leg.end(lastBytes);
  leg.release();
  return discard(stream, timeoutMs);
}

function discard(stream: Duplex, timeoutMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (stream.destroyed) return Promise.resolve();
  const timer = setTimeout(() => stream.destroy(), timeoutMs);
  stream.on('error', () => stream.destroy());
  stream.once('close', () => {
    clearTimeout(timer);
    resolve();
  });
  stream.resume();
  return promise;
}
