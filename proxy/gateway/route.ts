// The way of one client to the XMPP server: with its address told ahead where
// the server wants that (PROXY protocol), and on to wherever the server sends
// it, as far as the administrator allows (transparency.md §4). The client sees
// nothing of either; a redirection that is not followed ends as a server that
// cannot be reached, since a client that followed it itself would leave SIMPP.

import { formatEndpoint, parseEndpoint } from '../endpoint.ts';
import type { Log } from '../log.ts';
import { StreamErrorReceived } from '../server/received-error.ts';
import type { Engine } from './engine.ts';
import type { GatewayServer } from './options.ts';
import type { Addresses } from './proxy-protocol/header.ts';
import { writeVersion1 } from './proxy-protocol/version-1.ts';
import { writeVersion2 } from './proxy-protocol/version-2.ts';
import { isAllowed, RedirectionRefused } from './redirection.ts';

const maxHops = 3;

/** Where TLS begins with the first byte, another port is usual (XEP-0368). */
const defaultPorts = { none: 5222, starttls: 5222, direct: 5223 } as const;

/** One client's way; it goes on from where it led last. */
export class Route {
  readonly #engine: Pick<Engine, 'options'>;
  readonly #addresses: Addresses;
  readonly #log: Log;
  #server: GatewayServer;
  #hops = 0;

  constructor(engine: Pick<Engine, 'options'>, addresses: Addresses, log: Log) {
    this.#engine = engine;
    this.#addresses = addresses;
    this.#log = log;
    this.#server = engine.options.server;
  }

  /** Connects in the given way; again elsewhere when the server says so before TLS. Rejects with what the last one did. */
  async connect<T>(how: (server: GatewayServer, preamble: Uint8Array | undefined) => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await how(this.#server, this.#preamble());
      } catch (error) {
        if (!(error instanceof StreamErrorReceived) || error.otherHost === undefined) throw error;
        this.follow(error.otherHost);
      }
    }
  }

  /** From now on the way leads to what a `<see-other-host/>` says; throws RedirectionRefused when it may not. */
  follow(otherHost: string): void {
    const target = parseEndpoint(otherHost, defaultPorts[this.#server.tls]);
    const server = target === undefined ? undefined : formatEndpoint(target);
    const isLast = ++this.#hops > maxHops;
    if (target === undefined || isLast || !isAllowed(this.#engine.options.redirectHosts ?? [], target)) {
      const text = isLast ? 'The server sends from host to host.' : 'redirect_hosts does not allow it.';
      this.#log.warn('redirect refused', { server, count: this.#hops, text });
      throw new RedirectionRefused();
    }
    this.#log.debug('redirected', { server, count: this.#hops });
    this.#server = { ...this.#server, ...target };
  }

  /** What the server is told before anything else. */
  #preamble(): Uint8Array | undefined {
    const { proxyProtocol } = this.#server;
    if (proxyProtocol === undefined) return undefined;
    return proxyProtocol === 'v1' ? writeVersion1(this.#addresses) : writeVersion2(this.#addresses);
  }
}
