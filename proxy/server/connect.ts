// A connection to an XMPP server, up to the point where the inner stream
// begins: TCP, then TLS from the first byte (XEP-0368) or after STARTTLS
// (RFC 6120 §5), the certificate checked for the XMPP domain and never for the
// host that SRV or a person named. What the outer stream said is forgotten.
// The gateway connects to its server by the same function.

import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { asSimppError, SimppError } from '../../shared/errors.ts';
import { formatEndpoint, isLoopback, type Endpoint } from '../endpoint.ts';
import type { ServerTls } from '../gateway/options.ts';
import { Deadline } from './deadline.ts';
import { negotiateStartTls } from './starttls.ts';
import { secureContext, startTls } from './tls.ts';
import { unreachable } from './unreachable.ts';

export interface ConnectOptions extends Endpoint {
  readonly tls: ServerTls;
  /** The XMPP domain: SNI, STARTTLS's `to`, and the name that the certificate must have. */
  readonly domain: string;
  /** PEM file with the CA to trust; the system's CAs when absent. */
  readonly caFile?: string | undefined;
  /** For all of it; 10 s unless told otherwise. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What goes ahead of everything, TLS included: a PROXY protocol header. */
  readonly preamble?: Uint8Array | undefined;
  /** Lets `tls: 'none'` leave this machine: for a gateway whose administrator said so, never for the proxy. */
  readonly plaintextAnywhere?: boolean | undefined;
}

export const defaultConnectTimeoutMs = 10_000;

/** Connects; resolves with a socket on which nothing of the inner stream was sent yet. Throws SimppError. */
export async function connectXmpp(options: ConnectOptions): Promise<Socket> {
  const { tls, domain, caFile, timeoutMs = defaultConnectTimeoutMs, signal } = options;
  const mayBePlain = options.plaintextAnywhere === true;
  if (tls === 'none' && !mayBePlain && !isLoopback(options.host)) throw plaintextRefused(options);
  const context = tls === 'none' ? undefined : await secureContext(caFile);
  using deadline = new Deadline({ timeoutMs, signal, tooSlow: () => tooSlow(options, timeoutMs) });
  const socket = await connectTcp(options, deadline, options.preamble);
  try {
    if (context === undefined) {
      // A name like localhost may still resolve to another machine.
      if (!mayBePlain && !isLoopback(socket.remoteAddress ?? '')) throw plaintextRefused(options);
      return socket;
    }
    if (tls === 'starttls') await negotiateStartTls(socket, domain);
    return await startTls(socket, { context, domain, endpoint: options, tls, deadline });
  } catch (error) {
    socket.destroy();
    throw asSimppError(error, 'server-unreachable');
  }
}

/** A TCP connection (happy eyeballs over all addresses); throws SimppError('server-unreachable') that names the endpoint. */
export async function connectTcp(endpoint: Endpoint, deadline: Deadline, preamble?: Uint8Array): Promise<Socket> {
  const { host, port } = endpoint;
  const socket = createConnection({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 });
  deadline.watch(socket);
  try {
    await once(socket, 'connect');
    if (preamble !== undefined) socket.write(preamble);
    return socket;
  } catch (error) {
    socket.destroy();
    throw unreachable(endpoint, error);
  }
}

function tooSlow(endpoint: Endpoint, timeoutMs: number): SimppError {
  const seconds = Math.max(1, Math.round(timeoutMs / 1000));
  return new SimppError('server-unreachable', `${formatEndpoint(endpoint)} did not answer within ${seconds} s.`);
}

function plaintextRefused(endpoint: Endpoint): SimppError {
  return new SimppError(
    'tls-missing',
    `${formatEndpoint(endpoint)} is not on this machine, so it is never spoken to without TLS.`,
  );
}
