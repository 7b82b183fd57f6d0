// How often strangers may connect and how often logins may fail. The XMPP
// server behind the gateway sees every client as one address, so its own limits
// are blind and these stand in for them (docs/protocol.md §4 Loopback trust).

import { isLoopback } from '../endpoint.ts';
import { addressPrefix } from './address-prefix.ts';
import { Buckets, type BucketLimits } from './buckets.ts';
import { LoginAttempts } from './login-attempts.ts';

/** The limits of one gateway. */
export interface ThrottleLimits {
  /** Connections of one network (/24, /56). */
  readonly connections: BucketLimits;
  /** Failed logins of one network. */
  readonly failuresByAddress: BucketLimits;
  /** Failed logins of one account, wherever they come from. */
  readonly failuresByAccount: BucketLimits;
  /** Connections of one network that are open at once and have not logged in; half of all places at most. */
  readonly newcomers: number;
  /**
   * Whether this machine's own addresses are limited too. Not by default: behind a load balancer on the same machine
   * everybody has one address, and one bucket for everybody would shut out all of them.
   */
  readonly loopback: boolean;
}

export const defaultThrottle: ThrottleLimits = {
  // An office behind one address comes back at once after an outage.
  connections: { capacity: 500, refillPerSecond: 50, maxKeys: 20_000 },
  failuresByAddress: { capacity: 50, refillPerSecond: 0.2, maxKeys: 20_000 },
  failuresByAccount: { capacity: 20, refillPerSecond: 0.05, maxKeys: 20_000 },
  newcomers: 1000,
  loopback: false,
};

/** Counts by network and account. */
export class Throttle {
  readonly #connections: Buckets;
  readonly #failuresByAddress: Buckets;
  readonly #failuresByAccount: Buckets;
  readonly #limitsLoopback: boolean;
  readonly #newcomerLimit: number;
  #maxNewcomers: number;
  /** By network. */
  readonly #newcomers = new Map<string, number>();

  constructor(limits: ThrottleLimits, clockMs: () => number) {
    this.#connections = new Buckets(limits.connections, clockMs);
    this.#failuresByAddress = new Buckets(limits.failuresByAddress, clockMs);
    this.#failuresByAccount = new Buckets(limits.failuresByAccount, clockMs);
    this.#limitsLoopback = limits.loopback;
    this.#newcomerLimit = limits.newcomers;
    this.#maxNewcomers = limits.newcomers;
  }

  /** How many places there are for everybody: newcomers of one network get half of them at most. */
  share(maxConnections: number): void {
    this.#maxNewcomers = Math.min(this.#newcomerLimit, Math.ceil(maxConnections / 2));
  }

  /** Counts a connection; false when its network has made too many, or has too many that have not logged in. */
  admitsConnection(address: string): boolean {
    if (this.#isExempt(address)) return true;
    const network = addressPrefix(address);
    return (this.#newcomers.get(network) ?? 0) < this.#maxNewcomers && this.#connections.take(network);
  }

  /** Holds a newcomer's place for a connection; the function given back frees it, once, however often it is called. */
  newcomer(address: string): () => void {
    if (this.#isExempt(address)) return () => undefined;
    const network = addressPrefix(address);
    this.#addNewcomers(network, 1);
    let isFreed = false;
    return () => {
      if (!isFreed) this.#addNewcomers(network, -1);
      isFreed = true;
    };
  }

  /** The logins that one connection tries. */
  logins(address: string): LoginAttempts {
    const network = this.#isExempt(address) ? undefined : addressPrefix(address);
    return new LoginAttempts(this.#failuresByAddress, this.#failuresByAccount, network);
  }

  #addNewcomers(network: string, change: 1 | -1): void {
    const count = (this.#newcomers.get(network) ?? 0) + change;
    if (count > 0) this.#newcomers.set(network, count);
    else this.#newcomers.delete(network);
  }

  #isExempt(address: string): boolean {
    return !this.#limitsLoopback && isLoopback(address.replace(/^::ffff:/i, ''));
  }
}
