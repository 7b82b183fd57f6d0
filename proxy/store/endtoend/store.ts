// What one account has of end-to-end encryption (docs/protocol.md §9.8). Reads
// see what was put; a put is on the disk when `durable()` says so, and what is
// put in one turn of the event loop comes to the disk together or not at all.
import { SimppError } from '../../../shared/errors.ts';
import type { Reached } from '../../endtoend/crash-points.ts';
import { integer } from '../row.ts';
import type { AccountRows } from './account-rows.ts';
import { Archive } from './archive.ts';
import { Contacts } from './contacts.ts';
import type { EpochReading, Epochs } from './epochs.ts';
import { Outbox } from './outbox.ts';
import { OwnKeys } from './own-keys.ts';
import { Sessions } from './sessions.ts';
import { Settings } from './settings.ts';
import { SkippedKeys } from './skipped-keys.ts';

export interface Swept {
  readonly messages: number;
  readonly skippedKeys: number;
}

export class EndToEndStore {
  readonly jid: string;
  readonly contacts: Contacts;
  readonly sessions: Sessions;
  readonly skippedKeys: SkippedKeys;
  readonly ownKeys: OwnKeys;
  readonly archive: Archive;
  readonly outbox: Outbox;
  readonly settings: Settings;
  readonly #rows: AccountRows;
  readonly #epochs: Epochs;
  readonly #reached: Reached;

  constructor(rows: AccountRows, epochs: Epochs, reached: Reached) {
    this.jid = rows.jid;
    this.contacts = new Contacts(rows);
    this.sessions = new Sessions(rows);
    this.skippedKeys = new SkippedKeys(rows);
    this.ownKeys = new OwnKeys(rows);
    this.outbox = new Outbox(rows);
    this.settings = new Settings(rows);
    this.archive = new Archive(rows, this.settings);
    this.#rows = rows;
    this.#epochs = epochs;
    this.#reached = reached;
    rows.onLost(() => this.settings.forget());
  }

  /**
   * Resolves when all that was put so far is on the disk, rejects when it is
   * lost: with SimppError('storage-failed'), for everything of the turn. To be
   * called in the turn of the puts.
   */
  durable(): Promise<void> {
    return this.#rows.durable();
  }

  /** The same within some milliseconds, together with what else is put meanwhile. */
  durableSoon(): Promise<void> {
    return this.#rows.durableSoon();
  }

  /** Commits now; throws when what was put is lost. */
  flush(): void {
    this.#rows.flush();
  }

  /** Called as soon as puts were lost: what is remembered above must be forgotten. The function ends that. */
  onLost(listener: () => void): () => void {
    return this.#rows.onLost(listener);
  }

  epoch(): EpochReading {
    const sql = 'SELECT is_overtaken FROM accounts WHERE id = ?';
    return {
      database: this.settings.get('epoch') ?? 0,
      beside: this.#epochs.of(this.jid),
      isOvertaken: integer(this.#rows.get(sql, this.#rows.id) ?? {}, 'is_overtaken') === 1,
    };
  }

  /**
   * Raises the state epoch above all that was seen, and forgets sessions,
   * skipped keys and prekeys: they belong to the epoch that is over (§9.8).
   * Durable when it returns; throws when it is not.
   */
  raiseEpoch(to: number): void {
    const { database, beside } = this.epoch();
    if (!Number.isSafeInteger(to) || to <= Math.max(database, beside)) {
      throw new SimppError('internal', `The state epoch cannot go from ${Math.max(database, beside)} to ${to}.`);
    }
    this.#rows.flush();
    this.#epochs.raise(this.jid, to);
    this.sessions.removeAll();
    this.skippedKeys.removeAll();
    this.ownKeys.removeAll();
    this.settings.put('epoch', to);
    this.#rows.run('UPDATE accounts SET is_overtaken = 0 WHERE id = ?', this.#rows.id);
    this.#rows.flush();
  }

  /**
   * Erases what was kept for long enough, and every older state of what was
   * overwritten or removed since the last sweep, from file and log. To be called
   * at start and every hour; durable when it returns.
   */
  sweep(now: number): Swept {
    const swept = { messages: this.archive.sweep(now), skippedKeys: this.skippedKeys.sweep(now) };
    this.#rows.flush();
    this.#reached('sweep.before-scrub');
    this.#rows.scrub();
    return swept;
  }
}
