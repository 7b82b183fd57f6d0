// Listens for clients on this machine only (architecture.md, "The proxy is back
// to back"): an address that another machine could reach is refused, with TLS,
// too, since whoever gets in with a password is a person of this machine.
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { SimppError } from '../shared/errors.ts';
import { formatEndpoint, isLoopback, type Endpoint } from './endpoint.ts';
import { formatListenAddress, type ListenAddress } from './listen-address.ts';
import { listenUnix } from './unix-listener.ts';

export interface Listener {
  /** The real address: `host:port`, or `unix:/path`. */
  readonly address: string;
  /** Takes no more connections; resolves when the socket is closed. */
  close(): Promise<void>;
}

/** Listens on all addresses, or on none; throws SimppError `config-invalid` or `port-taken`. */
export async function listenAll<Place extends { readonly address: ListenAddress }>(
  places: readonly Place[],
  onClient: (socket: Socket, place: Place) => void,
): Promise<readonly Listener[]> {
  const listeners: Listener[] = [];
  try {
    for (const place of places) listeners.push(await listen(place.address, (socket) => onClient(socket, place)));
    return listeners;
  } catch (error) {
    await Promise.all(listeners.map((listener) => listener.close()));
    throw error;
  }
}

async function listen(address: ListenAddress, onClient: (socket: Socket) => void): Promise<Listener> {
  // A client may close its sending side behind `</stream:stream>` and still wait for the answer.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, onClient);
  if (!('path' in address)) return listenTcp(server, address);
  await listenUnix(server, address);
  return { address: formatListenAddress(address), close: () => closed(server) };
}

async function listenTcp(server: Server, endpoint: Endpoint): Promise<Listener> {
  if (!isLoopback(endpoint.host)) throw notLocal(endpoint);
  try {
    server.listen(endpoint.port, endpoint.host);
    await once(server, 'listening');
  } catch (cause) {
    throw cannotListen(endpoint, cause);
  }
  // as: a server on a TCP port has an address of this form.
  const { address, port } = server.address() as AddressInfo;
  // A name that ends in localhost may still have another address here.
  if (!isLoopback(address)) {
    await closed(server);
    throw notLocal(endpoint);
  }
  return { address: formatEndpoint({ host: endpoint.host, port }), close: () => closed(server) };
}

async function closed(server: Server): Promise<void> {
  const end = once(server, 'close');
  server.close();
  await end;
}

function notLocal(endpoint: Endpoint): SimppError {
  return new SimppError(
    'config-invalid',
    `${formatEndpoint(endpoint)} can be reached by other machines, but the proxy serves clients of this one only: ` +
      'listen on 127.0.0.1, ::1 or localhost.',
  );
}

function cannotListen(endpoint: Endpoint, cause: unknown): SimppError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason';
  const where = formatEndpoint(endpoint);
  if (code === 'EADDRINUSE') return new SimppError('port-taken', `${where} is already in use.`, { cause });
  return new SimppError('config-invalid', `Listening on ${where} failed (${code}).`, { cause });
}
