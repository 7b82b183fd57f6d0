// One TCP connection: what its first bytes ask for decides what it becomes, a
// SIMPP channel, a splice, TLS that ends here, or nothing (docs/protocol.md §4).

import type { Socket } from 'node:net';
import { SimppError, asSimppError } from '../../shared/errors.ts';
import { isElement, readStartTag } from '../../shared/xml/tag.ts';
import { ns } from '../../shared/xmpp/namespaces.ts';
import { readHeader, writeHeader, type ReceivedHeader } from '../../shared/xmpp/stream-header.ts';
import { lastWords, type Answered } from '../client/last-words.ts';
import { Leg } from '../leg.ts';
import { linger } from '../linger.ts';
import type { Log } from '../log.ts';
import { errorFields } from '../log-error.ts';
import { handOver } from '../server/hand-over.ts';
import { accept } from './accept.ts';
import { ChannelSession } from './channel-session.ts';
import type { Engine } from './engine.ts';
import { failure, handshakeWire, isHandshake, proceed } from './handshake-wire.ts';
import type { InnerClient } from './inner-stream.ts';
import { chooseDomain, freshStreamId, writeFeatures } from './outer-stream.ts';
import { outerLimits, PartReader } from './part-reader.ts';
import type { Addresses } from './proxy-protocol/header.ts';
import { looksLikeProxyHeader } from './proxy-protocol/read.ts';
import { Route } from './route.ts';
import { connectForTls, join } from './splice.ts';
import { TimeLimit } from './time-limit.ts';
import { takeTls, TlsSession } from './tls-session.ts';

/** What a connection has become. */
export type Phase = 'opening' | 'simpp' | 'spliced';

/** First byte of a TLS record that carries a handshake (RFC 8446 §5.1). */
const tlsHandshake = 0x16;

const simppOnly = 'This server accepts SIMPP only: connect through a SIMPP proxy.';
const proceedToTls = `<proceed xmlns='${ns.tls}'/>`;

/** Serves one connection, one attempt. */
export class Connection {
  readonly #engine: Engine;
  readonly #socket: Socket;
  readonly #log: Log;
  readonly #client: Omit<InnerClient, 'domain'>;
  readonly #route: Route;
  #phase: Phase = 'opening';
  #onStop: () => void;
  /** Set when the connection has become something. */
  #ended: Promise<void> | undefined;

  /** `settled` is called when the connection is no newcomer's any more: logged in, spliced, or over. */
  constructor(engine: Engine, socket: Socket, addresses: Addresses, log: Log, settled: () => void) {
    this.#engine = engine;
    this.#socket = socket;
    this.#log = log;
    this.#client = { engine, addresses, log, settled };
    this.#route = new Route(engine, addresses, log);
    this.#onStop = () => socket.destroy();
    // Whoever reads the socket sees its errors too; between readers nobody may crash.
    socket.on('error', () => undefined);
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Resolves when the connection is closed; never rejects. */
  async run(): Promise<void> {
    try {
      await this.#open();
      // Not awaited where it began: a function that waits keeps all that it has, and a connection may stand for days.
      await this.#ended;
    } catch (error) {
      this.#log.info('connection ended', errorFields(error));
    } finally {
      this.#socket.destroy();
      this.#client.settled();
    }
  }

  /** Ends the connection because the gateway stops. */
  stop(): void {
    this.#onStop();
  }

  /** Until the connection has become something, or is over. */
  async #open(): Promise<void> {
    const time = new TimeLimit(this.#engine.timing.establishMs);
    try {
      const first = await time.on(firstBytes(this.#socket));
      if (first === undefined) return;
      if (looksLikeProxyHeader(first)) this.#refuseProxyHeader();
      else if (first[0] === tlsHandshake) await this.#serveDirectTls(time);
      else await this.#serveOuter(time);
    } finally {
      time.clear();
    }
  }

  /** Whoever says so could be anybody: an address that is not the balancer's own is believed from balancers only. */
  #refuseProxyHeader(): void {
    const text = 'A PROXY protocol header came from an address that accept_proxy_protocol does not name.';
    this.#engine.counters.add('proxyHeadersRefused');
    this.#log.info('proxy header refused', { text });
  }

  async #serveOuter(time: TimeLimit): Promise<void> {
    const { options, acceptor, crypto, plainService } = this.#engine;
    const leg = new Leg(this.#socket, outerLimits);
    const reader = new PartReader(leg, time);
    const id = freshStreamId(crypto);
    let header: ReceivedHeader;
    let domain: string;
    try {
      const part = await reader.next();
      if (part === undefined) return;
      header = readHeader(part.bytes);
      domain = chooseDomain(header, options.domains);
    } catch (error) {
      const from = options.domains[0];
      const own = { ...(from === undefined ? {} : { from }), id, version: '1.0' };
      return this.#refuse(leg, asSimppError(error), { kind: 'not-yet', header: own });
    }
    leg.write(writeHeader({ from: domain, id, version: '1.0' }));
    // RFC 6120 §4.7.5: features are for those who know them.
    if (header.version !== undefined) leg.write(writeFeatures(acceptor.offer, plainService !== 'refuse'));

    let element: Uint8Array;
    try {
      const part = await reader.next();
      if (part?.kind !== 'element') return await linger(leg, this.#engine.timing.lingerMs, '</stream:stream>');
      element = part.bytes;
    } catch (error) {
      return this.#fail(leg, asSimppError(error));
    }
    if (isHandshake(element, header.bindings, acceptor)) {
      return this.#serveChannel(leg, reader, time, { header, domain, element });
    }
    if (plainService !== 'refuse' && isElement(readStartTag(element), header.bindings, ns.tls, 'starttls')) {
      return this.#serveStarttls(leg, time, domain);
    }
    return this.#refuse(leg, new SimppError('simpp-missing', simppOnly), { kind: 'by-us' });
  }

  async #serveChannel(
    leg: Leg,
    reader: PartReader,
    time: TimeLimit,
    {
      header,
      domain,
      element,
    }: { readonly header: ReceivedHeader; readonly domain: string; readonly element: Uint8Array },
  ): Promise<void> {
    const { acceptor, counters, lookUps, queue } = this.#engine;
    counters.add('handshakes');
    let session: ChannelSession;
    try {
      const wire = handshakeWire(element, header.bindings, acceptor, leg, reader);
      const established = await time.on(accept(acceptor.start(domain), wire, lookUps, queue));
      handOver(leg, this.#socket);
      this.#socket.write(proceed(acceptor));
      session = new ChannelSession({ ...this.#client, domain }, this.#socket, established);
    } catch (error) {
      return this.#fail(leg, asSimppError(error));
    }
    this.#become('simpp', () => session.stop(), session.run());
  }

  /** Before `<proceed/>` everything that comes is dropped; what comes behind it belongs to TLS. */
  async #serveStarttls(leg: Leg, time: TimeLimit, domain: string): Promise<void> {
    const socket = this.#socket;
    if (this.#engine.plainService === 'terminate') {
      leg.release();
      while (socket.read() !== null) continue;
      socket.write(proceedToTls);
      return this.#terminate(time);
    }
    leg.release();
    const drop = (): void => undefined;
    socket.on('data', drop).resume();
    let server: Socket;
    try {
      server = await this.#reachForTls(domain, time);
    } catch (error) {
      this.#log.warn('server not reached', errorFields(error));
      const away = new SimppError('server-unreachable', 'The XMPP server cannot be reached. Try again later.');
      return this.#refuse(leg, away, { kind: 'by-us' });
    }
    socket.off('data', drop).pause();
    socket.write(proceedToTls);
    this.#splice(server);
  }

  async #serveDirectTls(time: TimeLimit): Promise<void> {
    const { options, plainService, tls } = this.#engine;
    if (plainService === 'splice-direct') {
      // The domain is inside TLS; the server's port is the same for all.
      this.#splice(await this.#reachForTls(options.domains[0] ?? '', time));
    } else if (plainService !== 'refuse' && tls !== undefined) {
      await this.#terminate(time);
    } else {
      throw new SimppError('unexpected-element', 'A client began with TLS, which is not served here.');
    }
  }

  #reachForTls(domain: string, { signal }: TimeLimit): Promise<Socket> {
    return connectForTls(this.#route, domain, { timeoutMs: this.#engine.timing.connectMs, signal });
  }

  #splice(server: Socket): void {
    this.#engine.counters.add('spliced');
    this.#log.info('spliced', { mode: 'spliced' });
    // Who logs in there cannot be seen; the server has its own limits for those who do not.
    this.#client.settled();
    const joined = join(this.#socket, server, this.#engine.timing.closeMs);
    const stop = (): void => {
      this.#socket.end();
      server.end();
    };
    this.#become('spliced', stop, joined);
  }

  async #terminate(time: TimeLimit): Promise<void> {
    const secured = await takeTls(this.#engine, this.#socket, time);
    this.#engine.counters.add('terminated');
    const session = new TlsSession(this.#client, secured);
    this.#become('spliced', () => session.stop(), session.run());
  }

  #become(phase: Phase, onStop: () => void, ended: Promise<void>): void {
    this.#phase = phase;
    this.#onStop = onStop;
    this.#ended = ended;
  }

  /** The constant answer; only the log says why. */
  async #fail(leg: Leg, error: SimppError): Promise<void> {
    this.#engine.counters.add('handshakeFailures');
    this.#log.info('handshake failed', errorFields(error));
    await linger(leg, this.#engine.timing.lingerMs, failure(this.#engine.acceptor));
  }

  /** A stream error, in words for whoever set the client up. */
  async #refuse(leg: Leg, error: SimppError, answered: Answered): Promise<void> {
    this.#log.info('stream refused', errorFields(error));
    await linger(leg, this.#engine.timing.lingerMs, lastWords(error, answered));
  }
}

/** The first bytes that come, still to be read; undefined when the connection ends before them. */
function firstBytes(socket: Socket): Promise<Uint8Array | undefined> {
  return new Promise((resolve) => {
    const finish = (bytes: Uint8Array | undefined): void => {
      socket.off('data', onData).off('end', onEnd).off('close', onEnd);
      resolve(bytes);
    };
    const onData = (chunk: Buffer): void => {
      socket.pause();
      socket.unshift(chunk);
      finish(chunk);
    };
    const onEnd = (): void => finish(undefined);
    // A PROXY protocol header before has paused it.
    socket.on('data', onData).on('end', onEnd).on('close', onEnd).resume();
  });
}
