// Message keys that were skipped (docs/protocol.md §9.3): at most 2000 of a
// session, for 30 days.
import type { SkippedKeyRecord } from '../../endtoend/records.ts';
import { blob, integer } from '../row.ts';
import type { AccountRows } from './account-rows.ts';

const maxPerSession = 2000;
const keptMs = 30 * 24 * 3600 * 1000;

export class SkippedKeys {
  readonly #rows: AccountRows;

  constructor(rows: AccountRows) {
    this.#rows = rows;
  }

  get(sessionId: string, dh: string, number: number): SkippedKeyRecord | undefined {
    const row = this.#rows.get(
      'SELECT at, sealed FROM skipped_keys WHERE account = ? AND session = ? AND dh = ? AND number = ?',
      this.#rows.id,
      sessionId,
      dh,
      number,
    );
    if (row === undefined) return undefined;
    const key = blob(this.#rows.open('skipped_keys', [sessionId, dh, number], row), 'key');
    return { sessionId, dh, number, key, at: integer(row, 'at') };
  }

  /** Of a session that then has too many, the oldest go. */
  put(keys: readonly SkippedKeyRecord[]): void {
    for (const { sessionId, dh, number, key, at } of keys) {
      this.#rows.run(
        `INSERT INTO skipped_keys (account, session, dh, number, at, sealed) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET at = excluded.at, sealed = excluded.sealed`,
        this.#rows.id,
        sessionId,
        dh,
        number,
        at,
        this.#rows.seal('skipped_keys', [sessionId, dh, number], { key }),
      );
    }
    for (const sessionId of new Set(keys.map((key) => key.sessionId))) {
      if (this.count(sessionId) > maxPerSession) this.#removeOldest(sessionId);
    }
  }

  remove(sessionId: string, dh: string, number: number): void {
    this.#rows.run(
      'DELETE FROM skipped_keys WHERE account = ? AND session = ? AND dh = ? AND number = ?',
      this.#rows.id,
      sessionId,
      dh,
      number,
    );
  }

  /** All of a session: it has ended. */
  removeOf(sessionId: string): void {
    this.#rows.run('DELETE FROM skipped_keys WHERE account = ? AND session = ?', this.#rows.id, sessionId);
  }

  removeAll(): void {
    this.#rows.run('DELETE FROM skipped_keys WHERE account = ?', this.#rows.id);
  }

  count(sessionId: string): number {
    const sql = 'SELECT count(*) AS keys FROM skipped_keys WHERE account = ? AND session = ?';
    const row = this.#rows.get(sql, this.#rows.id, sessionId);
    return row === undefined ? 0 : integer(row, 'keys');
  }

  /** Drops those that were kept for long enough; how many. */
  sweep(now: number): number {
    return this.#rows.run('DELETE FROM skipped_keys WHERE account = ? AND at < ?', this.#rows.id, now - keptMs);
  }

  #removeOldest(sessionId: string): void {
    this.#rows.run(
      `DELETE FROM skipped_keys WHERE rowid IN (
         SELECT rowid FROM skipped_keys WHERE account = ? AND session = ?
         ORDER BY at DESC, rowid DESC LIMIT -1 OFFSET ?)`,
      this.#rows.id,
      sessionId,
      maxPerSession,
    );
  }
}
