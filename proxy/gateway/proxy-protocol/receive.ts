// Taking a PROXY protocol header from a connection: so many bytes, so much
// time, and what stands behind it stays on the socket.

import type { Socket } from 'node:net';
import { asSimppError, SimppError } from '../../../shared/errors.ts';
import { malformedHeader, type Addresses } from './header.ts';
import { readProxyHeader } from './read.ts';

/** What came in place of, or as, a header. */
export type Arrival =
  /** `addresses` is undefined when the header speaks for nobody. */
  | { readonly kind: 'announced'; readonly addresses: Addresses | undefined }
  /** Closed without a byte, as health checks do. */
  | { readonly kind: 'closed' };

/** Reads the header; rejects with SimppError when it is missing, malformed or late. The socket is left paused. */
export function receiveProxyHeader(socket: Socket, timeoutMs: number): Promise<Arrival> {
  return new Promise((resolve, reject) => {
    let received: Uint8Array = new Uint8Array(0);
    const settle = (then: () => void): void => {
      clearTimeout(timer);
      socket.off('data', onData).off('end', onEnd).off('close', onEnd);
      socket.pause();
      then();
    };
    const timer = setTimeout(
      () => settle(() => reject(new SimppError('too-slow', 'No PROXY protocol header came in time.'))),
      timeoutMs,
    );
    const onData = (chunk: Buffer): void => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      try {
        const reading = readProxyHeader(received);
        if (reading.kind === 'incomplete') return;
        const rest = received.subarray(reading.length);
        settle(() => {
          if (rest.length > 0) socket.unshift(rest);
          resolve({ kind: 'announced', addresses: reading.addresses });
        });
      } catch (error) {
        settle(() => reject(asSimppError(error)));
      }
    };
    const onEnd = (): void =>
      settle(() => (received.length === 0 ? resolve({ kind: 'closed' }) : reject(malformedHeader('does not end'))));
    socket.on('data', onData).on('end', onEnd).on('close', onEnd).resume();
  });
}
