// When each account last logged in, for `simpp accounts`. Kept in memory and
// written some time later: a login must not wait for a disk.
import { bareJid } from '../../shared/xmpp/jid.ts';
import type { AccountStore } from '../store/accounts.ts';

const flushMs = 10_000;
/** Names of a whole domain may log in; beyond this many the oldest are written at once. */
const maxWaiting = 1000;

export class LastLogins {
  readonly #store: AccountStore;
  readonly #now: () => number;
  readonly #waiting = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  /** `now` gives seconds since 1970. */
  constructor(store: AccountStore, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** The server has just let this JID in; undefined when a stream was resumed whose account is not known. */
  record(jid: string | undefined): void {
    if (jid === undefined) return;
    this.#waiting.set(bareJid(jid), this.#now());
    if (this.#waiting.size >= maxWaiting) this.flush();
    this.#timer ??= setTimeout(() => this.flush(), flushMs).unref();
  }

  /** Writes what waits; a disk that is full loses these dates and nothing else. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const logins = [...this.#waiting];
    this.#waiting.clear();
    if (logins.length === 0) return;
    try {
      this.#store.transaction(() => {
        for (const [jid, seconds] of logins) this.#store.putLastLogin(jid, seconds);
      });
    } catch {
      // The next login tries again; whatever else needs the database says what is wrong with it.
    }
  }
}
