// How often strangers may connect and how often logins may fail. The XMPP
// server behind the gateway sees every client as one address, so its own limits
// are blind and these stand in for them (docs/protocol.md §4 Loopback trust).

import { isLoopback } from '../endpoint.ts';
import { addressPrefix } from './address-prefix.ts';
import { Buckets, type BucketLimits } from './buckets.ts';

/** The limits of one gateway. */
export interface ThrottleLimits {
  /** Connections of one network (/24, /56). */
  readonly connections: BucketLimits;
  /** Failed logins of one network. */
  readonly failuresByAddress: BucketLimits;
  /** Failed logins of one account, wherever they come from. */
  readonly failuresByAccount: BucketLimits;
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
  loopback: false,
};

/** Counts by network and account. */
export class Throttle {
  readonly #connections: Buckets;
  readonly #failuresByAddress: Buckets;
  readonly #failuresByAccount: Buckets;
  readonly #limitsLoopback: boolean;

  constructor(limits: ThrottleLimits, clockMs: () => number) {
    this.#connections = new Buckets(limits.connections, clockMs);
    this.#failuresByAddress = new Buckets(limits.failuresByAddress, clockMs);
    this.#failuresByAccount = new Buckets(limits.failuresByAccount, clockMs);
    this.#limitsLoopback = limits.loopback;
  }

  /** Counts a connection; false when its network has made too many. */
  admitsConnection(address: string): boolean {
    return this.#isExempt(address) || this.#connections.take(addressPrefix(address));
  }

  /** Counts a login that the server refused. */
  loginFailed(address: string, account: string | undefined): void {
    if (!this.#isExempt(address)) this.#failuresByAddress.take(addressPrefix(address));
    if (account !== undefined) this.#failuresByAccount.take(account);
  }

  /** Whether neither the network nor the account has failed too often. */
  admitsLogin(address: string, account: string | undefined): boolean {
    if (!this.#isExempt(address) && this.#failuresByAddress.isEmpty(addressPrefix(address))) return false;
    return account === undefined || !this.#failuresByAccount.isEmpty(account);
  }

  #isExempt(address: string): boolean {
    return !this.#limitsLoopback && isLoopback(address.replace(/^::ffff:/i, ''));
  }
}
