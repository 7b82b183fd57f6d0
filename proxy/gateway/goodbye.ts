// Which Goodbye says an error (docs/protocol.md §8), and which errors are the
// inner stream's own matter, to be said there.

import { SimppError } from '../../shared/errors.ts';
import type { goodbyeReasons } from '../../shared/simpp/control.ts';
import { RedirectionRefused } from './redirection.ts';

/** What a channel ends with when the gateway stops. */
export const shutdown = new SimppError('shutting-down');

/** The reason of a Goodbye; undefined when a stream error inside the channel says it. */
export function goodbyeFor(error: SimppError): (typeof goodbyeReasons)[number] | undefined {
  // The server is there, and has spoken: a stream error takes the place of its own.
  if (error instanceof RedirectionRefused) return undefined;
  switch (error.code) {
    case 'shutting-down':
      return 'shutdown';
    case 'server-unreachable':
      return 'server-unreachable';
    case 'jid-mismatch':
      return 'jid-mismatch';
    case 'gateway-refused':
      return 'policy';
    case 'handshake-failed':
      return 'protocol-error';
    case 'storage-failed':
    case 'internal':
      return 'internal-error';
    default:
      return undefined;
  }
}
