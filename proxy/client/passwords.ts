// The passwords of the JID set-ups: what clients' logins are checked against,
// and what happens to a password that the server no longer takes (transparency.md §3.9).
import { randomBytes } from 'node:crypto';
import type { Mechanism } from '../sasl/mechanisms.ts';
import type { ScramVerifiers } from '../sasl/scram-keys.ts';
import {
  decodeVerifiers,
  defaultIterations,
  encodeVerifiers,
  makeVerifiers,
  saltBytes,
  type FakeVerifiers,
} from '../sasl/verifiers.ts';
import type { AccountStore } from '../store/accounts.ts';
import { everyMechanism, onlyPlain } from './offer.ts';

/** A wrong login asks the server at most this often whether the stored password is still right. */
const recheckIntervalMs = 60_000;

export class Passwords {
  /** Stands in for the verifiers of names that nobody has, after a restart too. */
  readonly fake: FakeVerifiers;
  readonly #store: AccountStore;
  /** By JID, the stored password that the server refused. */
  readonly #refused = new Map<string, string>();
  readonly #recheckedAt = new Map<string, number>();

  constructor(store: AccountStore) {
    this.#store = store;
    this.fake = { secret: store.secret('made-up verifiers'), iterations: defaultIterations };
  }

  /** The password for the server; undefined when none is stored. */
  stored(jid: string): string | undefined {
    return this.#store.credentials(jid).password;
  }

  /** The verifiers of an account; undefined when no password is stored. */
  async verifiers(jid: string): Promise<ScramVerifiers | undefined> {
    const { password, verifiers } = this.#store.credentials(jid);
    if (verifiers !== undefined) return decodeVerifiers(verifiers);
    return password === undefined ? undefined : this.keep(jid, password);
  }

  /** Stores a password that the server has accepted. */
  async keep(jid: string, password: string): Promise<ScramVerifiers> {
    const verifiers = await makeVerifiers(password, new Uint8Array(randomBytes(saltBytes)));
    this.#store.transaction(() => {
      this.#store.add(jid);
      this.#store.putCredentials(jid, { password, verifiers: encodeVerifiers(verifiers) });
    });
    this.#refused.delete(jid);
    return verifiers;
  }

  /** The server did not take the stored password: until another one is stored, only the server can judge. */
  markRefused(jid: string): void {
    const password = this.stored(jid);
    if (password !== undefined) this.#refused.set(jid, password);
  }

  /** Whether the server, not a stored password, decides about a login. */
  isServersToJudge(jid: string): boolean {
    const password = this.stored(jid);
    return password === undefined || this.#refused.get(jid) === password;
  }

  /** Whether it is time to ask the server about the stored password; `nowMs` counts from any point. */
  mayRecheck(jid: string, nowMs: number): boolean {
    const last = this.#recheckedAt.get(jid);
    if (last !== undefined && nowMs - last < recheckIntervalMs) return false;
    this.#recheckedAt.set(jid, nowMs);
    return true;
  }

  /** What to offer to a client that may be any of these accounts. */
  mechanismsFor(jids: Iterable<string>): readonly Mechanism[] {
    for (const jid of jids) if (this.isServersToJudge(jid)) return onlyPlain;
    return everyMechanism;
  }
}
