// A server that sends its clients to another host (RFC 6120 §4.9.3.19), as the
// proxy follows it in direct mode: the domain in `to` and in the certificate
// stays, and so does how TLS begins, so that whoever says it can lead the proxy
// astray but never to somebody else's server.

import { isIP } from 'node:net';
import { SimppError } from '../../shared/errors.ts';
import { isLoopback, parseEndpoint } from '../endpoint.ts';
import type { ServerTls } from '../gateway/options.ts';
import { StreamErrorReceived } from './received-error.ts';
import { resolveServer, type SrvLookup } from './resolve.ts';

/** One hop from where a server was looked for to where it is. */
export interface Redirect {
  readonly host: string;
  /** Undefined: as the host's SRV records say. */
  readonly port: number | undefined;
  /** How TLS began where we were sent away. */
  readonly tls: ServerTls;
  /** 1 for the first. */
  readonly hop: number;
}

/** RFC 6120 §4.9.3.19: at least 2, and no more than 5. */
const maxHops = 3;

/**
 * The hop that an error asks for, after `previous`; undefined for any other error, and for a
 * `<see-other-host/>` that cannot be read. Throws SimppError when there were enough.
 */
export function redirectOf(error: unknown, previous: Redirect | undefined, tls: ServerTls): Redirect | undefined {
  if (!(error instanceof StreamErrorReceived) || error.otherHost === undefined) return undefined;
  const place = parseEndpoint(error.otherHost, unnamed);
  if (place === undefined) return undefined;
  const hop = (previous?.hop ?? 0) + 1;
  if (hop > maxHops) {
    const text = `The server sends from one host to the next; after ${maxHops} of them the proxy follows no more.`;
    throw new SimppError('server-unreachable', text, { cause: error });
  }
  return { host: place.host, port: place.port === unnamed ? undefined : place.port, tls, hop };
}

/** Stands for a port that was not named: nothing listens on 0. */
const unnamed = 0;

/** The places that a hop leads to, in order. */
export async function addressesOf(
  { host, port, tls }: Redirect,
  lookup?: SrvLookup,
): Promise<readonly { readonly host: string; readonly port: number; readonly tls: ServerTls }[]> {
  if (port !== undefined) return [{ host, port, tls }];
  // Without a port a name is looked up as a domain is (RFC 6120 §3.2); plaintext stays plaintext, on this machine.
  if (tls !== 'none' && isIP(host) === 0 && !isLoopback(host)) return resolveServer(host, lookup);
  return [{ host, port: tls === 'direct' ? 5223 : 5222, tls }];
}
