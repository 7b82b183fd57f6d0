// The gateway: listens, serves each connection, stops without hanging. It
// keeps no state but the directory, so that any number of gateways can run
// side by side on one database (architecture.md).

import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { SimppError } from '../../shared/errors.ts';
import { lastWords } from '../client/last-words.ts';
import { formatEndpoint, type Endpoint } from '../endpoint.ts';
import { errorFields } from '../log-error.ts';
import { systemCode } from '../server/unreachable.ts';
import { Connection } from './connection.ts';
import { openSqliteDirectory } from './directory/sqlite-directory.ts';
import { createEngine, type Engine, type EngineDependencies } from './engine.ts';
import type { GatewayOptions, GatewayStatus, RunningGateway } from './options.ts';
import { freshStreamId } from './outer-stream.ts';
import type { Addresses } from './proxy-protocol/header.ts';
import { peerAddresses } from './proxy-protocol/peer.ts';
import { receiveProxyHeader } from './proxy-protocol/receive.ts';
import { resetAccount } from './reset.ts';

/** How long stopping may take. */
const stopMs = 5000;
/** Refused connections that may wait for their last words to arrive; more are cut. */
const maxRefused = 256;

/** Starts a gateway; rejects with SimppError. */
export async function startGateway(options: GatewayOptions, deps: EngineDependencies): Promise<RunningGateway> {
  const directory = deps.directory ?? (await openSqliteDirectory(options.databaseFile));
  const closeDirectory = async (): Promise<void> => {
    if (deps.directory === undefined) await directory.close();
  };
  try {
    const engine = createEngine(options, deps, directory);
    const gateway = new Gateway(engine);
    const listen = await gateway.listen(options.listen);
    return {
      listen,
      status: () => gateway.status(),
      reload: (changed) => engine.reload(changed),
      reset(jid, choice) {
        deps.log.warn('reset', { jid, mode: choice });
        return resetAccount(directory, jid, choice, engine.registrar.now());
      },
      async stop() {
        await gateway.stop();
        await closeDirectory();
      },
    };
  } catch (error) {
    await closeDirectory();
    throw error;
  }
}

class Gateway {
  readonly #engine: Engine;
  readonly #servers: Server[] = [];
  readonly #connections = new Map<Connection, Socket>();
  /** Of balancers, whose header has not come yet. */
  readonly #arriving = new Set<Socket>();
  readonly #refused = new Set<Socket>();
  #count = 0;
  #whenEmpty: (() => void) | undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Listens everywhere or nowhere; gives the real addresses. */
  async listen(endpoints: readonly Endpoint[]): Promise<string[]> {
    try {
      const addresses: string[] = [];
      for (const endpoint of endpoints) addresses.push(await this.#listenAt(endpoint));
      return addresses;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  status(): GatewayStatus {
    const connections = { opening: 0, simpp: 0, spliced: 0 };
    for (const connection of this.#connections.keys()) connections[connection.phase]++;
    return { connections, counters: this.#engine.counters.all() };
  }

  /** Ends all streams politely, then closes whatever is left. */
  async stop(): Promise<void> {
    for (const server of this.#servers) server.close();
    for (const socket of [...this.#refused, ...this.#arriving]) socket.destroy();
    for (const connection of this.#connections.keys()) connection.stop();
    if (this.#connections.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#whenEmpty = resolve;
    const timer = setTimeout(() => {
      for (const socket of this.#connections.values()) socket.destroy();
      resolve();
    }, stopMs);
    await promise;
    clearTimeout(timer);
  }

  async #listenAt(endpoint: Endpoint): Promise<string> {
    // A client may close its side and still hear the end of the server's.
    const server = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 });
    server.on('connection', (socket) => void this.#take(socket));
    this.#servers.push(server);
    server.listen(endpoint.port, endpoint.host);
    try {
      await once(server, 'listening');
    } catch (cause) {
      const text = `${formatEndpoint(endpoint)} cannot be listened on (${systemCode(cause) ?? 'unknown reason'}).`;
      throw new SimppError('port-taken', text, { cause });
    }
    // A TCP server that listens has an address with a port.
    const { port } = server.address() as AddressInfo;
    return formatEndpoint({ host: endpoint.host, port });
  }

  async #take(socket: Socket): Promise<void> {
    const { balancers, counters, log, options, throttle } = this.#engine;
    const arrived = peerAddresses(socket);
    if (arrived === undefined) {
      socket.destroy();
      return;
    }
    if (this.#connections.size + this.#arriving.size >= options.limits.maxConnections) {
      this.#refuse(socket, arrived, 'overloaded');
      return;
    }
    const isAnnounced = balancers.has(arrived.source.host);
    const addresses = isAnnounced ? await this.#announced(socket, arrived) : arrived;
    if (addresses === undefined) return;
    const { host } = addresses.source;
    if (!throttle.admitsConnection(host)) {
      this.#refuse(socket, addresses, 'rate-limited');
      return;
    }
    counters.add('connections');
    const settled = throttle.newcomer(host);
    const fields = { connection: ++this.#count, peer: formatEndpoint(addresses.source) };
    const connection = new Connection(this.#engine, socket, addresses, log.child(fields), settled);
    this.#connections.set(connection, socket);
    await connection.run();
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#whenEmpty?.();
  }

  /** The client's addresses, which a balancer must tell; undefined when the connection is over instead. */
  async #announced(socket: Socket, arrived: Addresses): Promise<Addresses | undefined> {
    const { counters, log, timing } = this.#engine;
    socket.on('error', () => socket.destroy());
    this.#arriving.add(socket);
    try {
      const arrival = await receiveProxyHeader(socket, timing.proxyHeaderMs);
      if (arrival.kind === 'announced') return arrival.addresses ?? arrived;
    } catch (error) {
      counters.add('proxyHeadersRefused');
      log.warn('proxy header refused', { peer: formatEndpoint(arrived.source), ...errorFields(error) });
    } finally {
      this.#arriving.delete(socket);
    }
    socket.destroy();
    return undefined;
  }

  /** Says why in a stream of its own, unread: nothing of the stranger's is looked at. */
  #refuse(socket: Socket, { source }: Addresses, code: 'overloaded' | 'rate-limited'): void {
    const { counters, crypto, log, options, timing } = this.#engine;
    counters.add('refusedConnections');
    // Many at once: that is what this stops.
    log.debug('connection refused', { peer: formatEndpoint(source), code });
    socket.on('error', () => socket.destroy());
    if (this.#refused.size >= maxRefused) {
      socket.destroy();
      return;
    }
    this.#refused.add(socket);
    const timer = setTimeout(() => socket.destroy(), timing.lingerMs);
    socket.once('close', () => {
      clearTimeout(timer);
      this.#refused.delete(socket);
    });
    const [from] = options.domains;
    const header = { ...(from === undefined ? {} : { from }), id: freshStreamId(crypto), version: '1.0' };
    socket.end(lastWords(new SimppError(code), { kind: 'not-yet', header }));
    socket.resume();
  }
}
