// Messages by the digest of their ciphertext, so that copies, history and
// bounces open again (docs/protocol.md §9.4; transparency.md §5.2). How long they
// stay is the person's choice: what is kept has no forward secrecy.
import type { ArchivedMessage } from '../../endtoend/records.ts';
import { blob, integer, optionalText, text } from '../row.ts';
import type { Row } from '../sqlite.ts';
import type { AccountRows } from './account-rows.ts';
import { oneOf } from './one-of.ts';
import { RecentMessages } from './recent-messages.ts';
import type { Settings } from './settings.ts';

const states = ['encrypted', 'plaintext', 'unreadable'] as const satisfies readonly ArchivedMessage['state'][];
const dayMs = 24 * 3600 * 1000;

/** Opening them takes about half a second, in which nothing else runs. */
const maxSearched = 20_000;

export interface SearchResult {
  /** The newest first. */
  readonly messages: readonly ArchivedMessage[];
  /** Whether it looked at everything: else it ended at the limit, or after 20,000 messages. */
  readonly isComplete: boolean;
}

export class Archive {
  readonly #rows: AccountRows;
  readonly #settings: Settings;
  readonly #recent = new RecentMessages();

  constructor(rows: AccountRows, settings: Settings) {
    this.#rows = rows;
    this.#settings = settings;
    rows.onLost((group) => this.#recent.drop(group));
  }

  get(digest: string): ArchivedMessage | undefined {
    const recent = this.#recent.get(digest);
    if (recent !== undefined) return recent;
    const sql = 'SELECT sealed FROM archive WHERE account = ? AND digest = ?';
    const row = this.#rows.get(sql, this.#rows.id, digest);
    return row && this.#open(digest, row);
  }

  put(message: ArchivedMessage): void {
    if (this.#settings.get('retention') === 'none') {
      this.#rows.inGroup((group) => this.#recent.put(message, group));
    } else {
      this.restore(message);
    }
  }

  /** Onto the disk, whatever the retention; the sweep will see to it. */
  restore(message: ArchivedMessage): void {
    this.#rows.run(
      `INSERT INTO archive (account, digest, contact, at, sealed) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET contact = excluded.contact, at = excluded.at, sealed = excluded.sealed`,
      this.#rows.id,
      message.digest,
      this.#rows.tag(message.contact),
      message.at,
      this.#rows.seal('archive', [message.digest], { ...message }),
    );
  }

  /** The newest with a contact, newest first. */
  latest(contact: string, limit: number): readonly ArchivedMessage[] {
    return this.search('', contact, limit).messages;
  }

  /** Messages whose text contains `wanted`, upper and lower case alike, with a contact or with anybody. */
  search(wanted: string, contact: string | undefined, limit: number): SearchResult {
    const fits = (message: ArchivedMessage): boolean =>
      (contact === undefined || message.contact === contact) && fold(message.text).includes(fold(wanted));
    const found = this.#recent.newestFirst().filter(fits);
    let onDisk = 0;
    let isComplete = true;
    let searched = 0;
    for (const message of this.#newestFirst(contact)) {
      if (onDisk >= limit || ++searched > maxSearched) {
        isComplete = false;
        break;
      }
      if (!fits(message)) continue;
      found.push(message);
      onDisk++;
    }
    found.sort((a, b) => b.at - a.at);
    return { messages: found.slice(0, limit), isComplete: isComplete && found.length <= limit };
  }

  /** All that is on the disk, the newest first; one at a time. */
  *stored(): Generator<ArchivedMessage> {
    yield* this.#newestFirst(undefined);
  }

  /** Removes what was kept for long enough; how many. */
  sweep(now: number): number {
    const retention = this.#settings.get('retention') ?? 'keep';
    switch (retention) {
      case 'keep':
        return 0;
      case 'none':
        return this.#rows.run('DELETE FROM archive WHERE account = ?', this.#rows.id);
      default:
        return this.#rows.run(
          'DELETE FROM archive WHERE account = ? AND at < ?',
          this.#rows.id,
          now - retention * dayMs,
        );
    }
  }

  *#newestFirst(contact: string | undefined): Generator<ArchivedMessage> {
    const sql = 'SELECT digest, sealed FROM archive WHERE account = ?';
    const rows =
      contact === undefined
        ? this.#rows.each(`${sql} ORDER BY at DESC`, this.#rows.id)
        : this.#rows.each(`${sql} AND contact = ? ORDER BY at DESC`, this.#rows.id, this.#rows.tag(contact));
    for (const row of rows) yield this.#open(text(row, 'digest'), row);
  }

  #open(digest: string, row: Row): ArchivedMessage {
    return messageOf(this.#rows.open('archive', [digest], row));
  }
}

/** From the fields of its record. */
export function messageOf(fields: Row): ArchivedMessage {
  return {
    digest: text(fields, 'digest'),
    contact: text(fields, 'contact'),
    isOwn: integer(fields, 'isOwn') === 1,
    at: integer(fields, 'at'),
    id: text(fields, 'id'),
    state: oneOf(states, text(fields, 'state')),
    deviceId: optionalText(fields, 'deviceId'),
    envelope: blob(fields, 'envelope'),
    text: text(fields, 'text'),
  };
}

/** Without regard to case, and to how a letter is composed. */
const fold = (words: string): string => words.normalize('NFKC').toLowerCase();
