// Sessions with devices (docs/protocol.md §9.2). One that has ended keeps its
// id, so that a C3 that comes again never makes it anew.
import type { SessionRecord } from '../../endtoend/records.ts';
import { blob, integer, optionalInteger, text } from '../row.ts';
import type { Row } from '../sqlite.ts';
import type { AccountRows } from './account-rows.ts';

export class Sessions {
  readonly #rows: AccountRows;

  constructor(rows: AccountRows) {
    this.#rows = rows;
  }

  /** Also one that has ended. */
  get(sessionId: string): SessionRecord | undefined {
    const sql = 'SELECT sealed FROM sessions WHERE account = ? AND session = ?';
    const row = this.#rows.get(sql, this.#rows.id, sessionId);
    return row && this.#open(sessionId, row);
  }

  /** Those that have not ended, with one device or with all of a JID, in the order in which they began. */
  live(jid: string, deviceId?: string): readonly SessionRecord[] {
    const tag = this.#rows.tag(jid);
    const sql = 'SELECT session, sealed FROM sessions WHERE account = ? AND contact = ? AND ended_at IS NULL';
    const rows =
      deviceId === undefined
        ? this.#rows.all(sql, this.#rows.id, tag)
        : this.#rows.all(`${sql} AND device = ?`, this.#rows.id, tag, deviceId);
    const sessions = rows.map((row) => this.#open(text(row, 'session'), row));
    return sessions.toSorted((a, b) => a.begunAt - b.begunAt);
  }

  put(session: SessionRecord): void {
    this.#rows.run(
      `INSERT INTO sessions (account, session, contact, device, ended_at, sealed) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET ended_at = excluded.ended_at, sealed = excluded.sealed`,
      this.#rows.id,
      session.sessionId,
      this.#rows.tag(session.jid),
      session.deviceId,
      session.endedAt ?? null,
      this.#rows.seal('sessions', [session.sessionId], { ...session }),
    );
  }

  /** Forgets ids that no C3 can name any more (§9.2); how many. */
  removeEndedBefore(at: number): number {
    return this.#rows.run('DELETE FROM sessions WHERE account = ? AND ended_at < ?', this.#rows.id, at);
  }

  /** Forgets every session, ids too: they belong to a copy that was overtaken (§9.8). */
  removeAll(): void {
    this.#rows.run('DELETE FROM sessions WHERE account = ?', this.#rows.id);
  }

  #open(sessionId: string, row: Row): SessionRecord {
    const opened = this.#rows.open('sessions', [sessionId], row);
    return {
      sessionId,
      jid: text(opened, 'jid'),
      deviceId: text(opened, 'deviceId'),
      state: blob(opened, 'state'),
      leasedTo: integer(opened, 'leasedTo'),
      begunAt: integer(opened, 'begunAt'),
      lastReceivedAt: optionalInteger(opened, 'lastReceivedAt'),
      isBroken: integer(opened, 'isBroken') === 1,
      endedAt: optionalInteger(opened, 'endedAt'),
    };
  }
}
