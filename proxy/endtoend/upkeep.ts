// What has to be looked at again and again: one's own entry in the directories,
// sooner while something of it is unfinished, and what the store has kept for
// long enough. Nothing runs while no client is connected.
import { asSimppError } from '../../shared/errors.ts';
import { errorFields } from '../log-error.ts';
import type { Log } from '../log.ts';
import type { EndToEndStore } from '../store/endtoend/store.ts';
import type { OwnAccount } from './own-account.ts';
import type { OwnKeyring } from './own-keyring.ts';
import type { SessionBook } from './session-book.ts';

export interface UpkeepDeps {
  readonly jid: string;
  readonly store: EndToEndStore;
  readonly own: OwnAccount;
  readonly keyring: OwnKeyring;
  readonly sessions: SessionBook;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly isConnected: () => boolean;
  /** One's own entry has been read and published. */
  readonly refreshed: () => void;
}

const hourMs = 3600 * 1000;
/** Directories that push nothing are asked at growing intervals while a device is on its way in, or waits. */
const firstLookMs = 2000;
const longestLookMs = 10 * 60 * 1000;

export class Upkeep {
  readonly #deps: UpkeepDeps;
  readonly #hourly: NodeJS.Timeout;
  #looking: NodeJS.Timeout | undefined;
  #lookMs = firstLookMs;
  #refreshing: Promise<void> | undefined;
  #refreshedAt = -Infinity;

  constructor(deps: UpkeepDeps) {
    this.#deps = deps;
    this.#sweep();
    this.#hourly = setInterval(() => this.#sweep(), hourMs).unref();
  }

  /** Reads and publishes one's own entry, unless that was done within the hour; never rejects. */
  refreshed(): Promise<void> {
    const isFresh = !this.#deps.own.isUnfinished && this.#deps.now() - this.#refreshedAt < hourMs;
    if (this.#refreshing !== undefined) return this.#refreshing;
    return isFresh ? Promise.resolve() : this.refresh();
  }

  /** The same now; several at once are one. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  /** Something has just changed: the next looks come soon. */
  hurry(): void {
    this.#lookMs = firstLookMs;
    this.#lookAgain();
  }

  stop(): void {
    clearInterval(this.#hourly);
    clearTimeout(this.#looking);
  }

  async #refresh(): Promise<void> {
    const { own, now, log, jid, refreshed } = this.#deps;
    try {
      await own.refresh();
      this.#refreshedAt = now();
      refreshed();
    } catch (error) {
      log.error('keys not published', { jid, ...errorFields(asSimppError(error)) });
    }
    this.#lookAgain();
  }

  #lookAgain(): void {
    clearTimeout(this.#looking);
    if (!this.#deps.own.isUnfinished) {
      this.#lookMs = firstLookMs;
      return;
    }
    this.#looking = setTimeout(() => {
      this.#lookMs = Math.min(this.#lookMs * 2, longestLookMs);
      if (this.#deps.isConnected()) void this.refresh();
    }, this.#lookMs).unref();
  }

  #sweep(): void {
    const { store, sessions, keyring, now, log, jid, isConnected } = this.#deps;
    try {
      const { skippedKeys } = store.sweep(now());
      if (skippedKeys > 0) sessions.recount();
      keyring.sweep();
      if (keyring.dueInMs === 0 && isConnected()) void this.refresh();
    } catch (error) {
      log.error('archive not swept', { jid, ...errorFields(asSimppError(error)) });
    }
  }
}
