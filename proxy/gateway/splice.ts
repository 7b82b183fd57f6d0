// A client without SIMPP, joined to the server byte for byte, so that the
// certificate and the channel binding that it sees are the server's own
// (transparency.md §4).

import type { Socket } from 'node:net';
import { SimppError } from '../../shared/errors.ts';
import { connectTcp } from '../server/connect.ts';
import { Deadline } from '../server/deadline.ts';
import { negotiateStartTls } from '../server/starttls.ts';
import type { GatewayServer } from './options.ts';
import type { Route } from './route.ts';

/** A connection to where the server expects a TLS handshake next; rejects with SimppError, also when it is aborted. */
export function connectForTls(
  route: Route,
  domain: string,
  limits: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<Socket> {
  return route.connect((server, preamble) => connectOnce(server, domain, { ...limits, preamble }));
}

interface OneConnection {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly preamble: Uint8Array | undefined;
}

async function connectOnce(
  server: GatewayServer,
  domain: string,
  { timeoutMs, signal, preamble }: OneConnection,
): Promise<Socket> {
  const tooSlow = (): SimppError => new SimppError('server-unreachable', 'The XMPP server did not answer in time.');
  using deadline = new Deadline({ timeoutMs, signal, tooSlow });
  const socket = await connectTcp(server, deadline, preamble);
  // Between two readers nobody may crash.
  socket.on('error', () => socket.destroy());
  try {
    if (server.tls === 'starttls') await negotiateStartTls(socket, domain);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Joins two connections until both are closed: each end is passed on, a loss of one is the end of the other. */
export async function join(client: Socket, server: Socket, closeMs: number): Promise<void> {
  const closed = [client, server].map(
    (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
  );
  for (const [from, to] of [
    [client, server],
    [server, client],
  ] as const) {
    from.on('error', () => from.destroy());
    from.once('close', () => {
      if (!from.readableEnded || from.errored) {
        to.destroy();
        return;
      }
      // What was received whole still leaves, but a slow reader does not hold it for ever. A pipe stops reading when
      // the other end is gone; read on, or the end of this one is never noticed.
      setTimeout(() => to.destroy(), closeMs).unref();
      process.nextTick(() => to.resume());
    });
    if (from.destroyed || from.readableEnded) to.destroy();
    from.pipe(to);
  }
  await Promise.all(closed);
}
