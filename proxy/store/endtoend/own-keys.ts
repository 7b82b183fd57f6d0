// The private parts of what this device has published (docs/protocol.md §9.1).
import type { OwnOneTimeRecord, OwnPrekeyRecord } from '../../endtoend/records.ts';
import { blob, integer } from '../row.ts';
import type { Row } from '../sqlite.ts';
import type { AccountRows } from './account-rows.ts';

export class OwnKeys {
  readonly #rows: AccountRows;

  constructor(rows: AccountRows) {
    this.#rows = rows;
  }

  prekey(id: number): OwnPrekeyRecord | undefined {
    const row = this.#rows.get('SELECT id, sealed FROM own_prekeys WHERE account = ? AND id = ?', this.#rows.id, id);
    return row && this.#openPrekey(row);
  }

  /** The newest first: that one is published. */
  prekeys(): readonly OwnPrekeyRecord[] {
    const rows = this.#rows.all('SELECT id, sealed FROM own_prekeys WHERE account = ?', this.#rows.id);
    return rows.map((row) => this.#openPrekey(row)).toSorted((a, b) => b.issuedAt - a.issuedAt);
  }

  putPrekey(prekey: OwnPrekeyRecord): void {
    this.#rows.run(
      `INSERT INTO own_prekeys (account, id, sealed) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET sealed = excluded.sealed`,
      this.#rows.id,
      prekey.id,
      this.#rows.seal('own_prekeys', [prekey.id], { ...prekey }),
    );
  }

  removePrekey(id: number): boolean {
    return this.#rows.run('DELETE FROM own_prekeys WHERE account = ? AND id = ?', this.#rows.id, id) > 0;
  }

  oneTime(id: number): OwnOneTimeRecord | undefined {
    const sql = 'SELECT id, sealed FROM own_one_time_keys WHERE account = ? AND id = ?';
    const row = this.#rows.get(sql, this.#rows.id, id);
    return row && this.#openOneTime(row);
  }

  oneTimes(): readonly OwnOneTimeRecord[] {
    const rows = this.#rows.all('SELECT id, sealed FROM own_one_time_keys WHERE account = ?', this.#rows.id);
    return rows.map((row) => this.#openOneTime(row)).toSorted((a, b) => a.issuedAt - b.issuedAt || a.id - b.id);
  }

  putOneTimes(keys: readonly OwnOneTimeRecord[]): void {
    for (const key of keys) {
      this.#rows.run(
        `INSERT INTO own_one_time_keys (account, id, sealed) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET sealed = excluded.sealed`,
        this.#rows.id,
        key.id,
        this.#rows.seal('own_one_time_keys', [key.id], { ...key }),
      );
    }
  }

  /** The key, which is gone with the commit of this turn: of the session that used it (§9.2). */
  takeOneTime(id: number): OwnOneTimeRecord | undefined {
    const key = this.oneTime(id);
    if (key !== undefined) {
      this.#rows.run('DELETE FROM own_one_time_keys WHERE account = ? AND id = ?', this.#rows.id, id);
    }
    return key;
  }

  removeAll(): void {
    this.#rows.run('DELETE FROM own_prekeys WHERE account = ?', this.#rows.id);
    this.#rows.run('DELETE FROM own_one_time_keys WHERE account = ?', this.#rows.id);
  }

  #openPrekey(row: Row): OwnPrekeyRecord {
    const id = integer(row, 'id');
    const opened = this.#rows.open('own_prekeys', [id], row);
    return {
      id,
      secret: blob(opened, 'secret'),
      seed: blob(opened, 'seed'),
      signed: blob(opened, 'signed'),
      issuedAt: integer(opened, 'issuedAt'),
    };
  }

  #openOneTime(row: Row): OwnOneTimeRecord {
    const id = integer(row, 'id');
    const opened = this.#rows.open('own_one_time_keys', [id], row);
    return { id, secret: blob(opened, 'secret'), issuedAt: integer(opened, 'issuedAt') };
  }
}
