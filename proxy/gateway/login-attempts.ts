// The logins that one connection tries, one after the other. Each is counted as
// a failure when it goes to the server, not when the server has refused it: a
// thousand connections that guess at the same moment would all be in time.

import type { Buckets } from './buckets.ts';

/** Counts one connection's logins by its network and by their accounts. */
export class LoginAttempts {
  readonly #byNetwork: Buckets;
  readonly #byAccount: Buckets;
  /** Undefined when the network is not limited. */
  readonly #network: string | undefined;
  /** What the running attempt has taken. */
  #taken: { readonly buckets: Buckets; readonly key: string }[] = [];

  constructor(byNetwork: Buckets, byAccount: Buckets, network: string | undefined) {
    this.#byNetwork = byNetwork;
    this.#byAccount = byAccount;
    this.#network = network;
  }

  /** Begins an attempt, at an account if it is known; false when there were too many. What an earlier one took is gone. */
  begin(account: string | undefined): boolean {
    this.#taken = [];
    const isAdmitted = this.#take(this.#byNetwork, this.#network) && this.name(account);
    if (!isAdmitted) this.clear();
    return isAdmitted;
  }

  /** The attempt turns out to be at this account; false when there were too many. */
  name(account: string | undefined): boolean {
    return this.#take(this.#byAccount, account);
  }

  /** The server has refused the attempt: what it took is gone. */
  fail(): void {
    this.#taken = [];
  }

  /** The attempt has succeeded, or has told nothing about a password. */
  clear(): void {
    for (const { buckets, key } of this.#taken) buckets.giveBack(key);
    this.#taken = [];
  }

  #take(buckets: Buckets, key: string | undefined): boolean {
    if (key === undefined) return true;
    if (!buckets.take(key)) return false;
    this.#taken.push({ buckets, key });
    return true;
  }
}
