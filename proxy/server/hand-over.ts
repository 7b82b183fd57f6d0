// The moment when a connection changes from plaintext XML to something that is
// protected: whatever was received beyond the last plaintext element could have
// been written by anyone on the way, and would look as if it had come inside
// (CVE-2011-0411, the STARTTLS injection class).

import type { Socket } from 'node:net';
import { SimppError } from '../../shared/errors.ts';
import type { ScannerLimits } from '../../shared/xml/scanner.ts';
import type { Leg } from '../leg.ts';

/** For the few elements of an outer stream. */
export const outerLimits: ScannerLimits = { maxHeaderBytes: 4096, maxElementBytes: 64 * 1024, maxDepth: 16 };

/** Takes the socket out of its leg, paused; throws SimppError('injected-bytes') when more was received than read. */
export function handOver(leg: Leg, socket: Socket): void {
  const beyond = leg.release().length + socket.readableLength;
  if (beyond > 0) throw new SimppError('injected-bytes');
}
