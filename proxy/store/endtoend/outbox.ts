// Messages that could not be sent under policy; they wait for a word of the person.
import type { UnsentMessage } from '../../endtoend/records.ts';
import { blob, integer, text } from '../row.ts';
import type { Row } from '../sqlite.ts';
import type { AccountRows } from './account-rows.ts';

/** A client in a loop must not fill the disk: beyond these the oldest go. */
const maxUnsent = 1000;

export class Outbox {
  readonly #rows: AccountRows;

  constructor(rows: AccountRows) {
    this.#rows = rows;
  }

  get(number: number): UnsentMessage | undefined {
    const sql = 'SELECT number, sealed FROM unsent WHERE account = ? AND number = ?';
    const row = this.#rows.get(sql, this.#rows.id, number);
    return row && this.#open(row);
  }

  /** In the order in which they came. */
  all(): readonly UnsentMessage[] {
    const rows = this.#rows.all('SELECT number, sealed FROM unsent WHERE account = ? ORDER BY number', this.#rows.id);
    return rows.map((row) => this.#open(row));
  }

  count(): number {
    const row = this.#rows.get('SELECT count(*) AS messages FROM unsent WHERE account = ?', this.#rows.id);
    return row === undefined ? 0 : integer(row, 'messages');
  }

  /** Keeps a message under the next number; none is ever used again. */
  add(message: Omit<UnsentMessage, 'number'>): UnsentMessage {
    this.#rows.run('UPDATE accounts SET last_unsent = last_unsent + 1 WHERE id = ?', this.#rows.id);
    const row = this.#rows.get('SELECT last_unsent FROM accounts WHERE id = ?', this.#rows.id) ?? {};
    const unsent: UnsentMessage = { ...message, number: integer(row, 'last_unsent') };
    this.#put(unsent);
    this.#rows.run(
      `DELETE FROM unsent WHERE account = ?1 AND number <= (
         SELECT number FROM unsent WHERE account = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)`,
      this.#rows.id,
      maxUnsent,
    );
    return unsent;
  }

  remove(number: number): boolean {
    return this.#rows.run('DELETE FROM unsent WHERE account = ? AND number = ?', this.#rows.id, number) > 0;
  }

  #put(message: UnsentMessage): void {
    this.#rows.run(
      'INSERT INTO unsent (account, number, sealed) VALUES (?, ?, ?)',
      this.#rows.id,
      message.number,
      this.#rows.seal('unsent', [message.number], { ...message }),
    );
  }

  #open(row: Row): UnsentMessage {
    return unsentOf(this.#rows.open('unsent', [integer(row, 'number')], row));
  }
}

/** From the fields of its record. */
export function unsentOf(fields: Row): UnsentMessage {
  return {
    number: integer(fields, 'number'),
    to: text(fields, 'to'),
    at: integer(fields, 'at'),
    reason: text(fields, 'reason'),
    id: text(fields, 'id'),
    stanza: blob(fields, 'stanza'),
    text: text(fields, 'text'),
  };
}
