// One SQLite database through node:sqlite, set up for what docs/protocol.md §6
// asks: what is committed survives a power loss, what is deleted is overwritten,
// and one process owns the file.
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { SimppError } from '../../shared/errors.ts';
import { isBusy, storageError } from './storage-error.ts';

export type Value = SQLInputValue;
export type Row = Record<string, SQLOutputValue>;

export interface OpenOptions {
  /** How long to wait for a process that is just ending. */
  readonly busyTimeoutMs?: number;
}

/** Statements are few and fixed; the bound is for query builders that make many. */
const maxStatements = 256;

export class Database {
  readonly path: string;
  readonly #sqlite: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #depth = 0;
  #scrubAfterCommit = false;

  private constructor(path: string, sqlite: DatabaseSync) {
    this.path = path;
    this.#sqlite = sqlite;
  }

  /** Opens or creates the file; throws SimppError('already-running') when another process has it, else SimppError('storage-failed'). */
  static open(path: string, options: OpenOptions = {}): Database {
    let sqlite: DatabaseSync | undefined;
    try {
      makePrivate(path);
      sqlite = new DatabaseSync(path, { timeout: options.busyTimeoutMs ?? 500, enableForeignKeyConstraints: true });
      sqlite.enableDefensive(true);
      setUp(sqlite);
      return new Database(path, sqlite);
    } catch (error) {
      if (sqlite?.isOpen) sqlite.close();
      if (isBusy(error)) {
        throw new SimppError('already-running', `Another process already uses ${path}.`, { cause: error });
      }
      throw storageError(error, path);
    }
  }

  /** A statement, compiled once and kept. */
  prepare(sql: string): StatementSync {
    return this.#guard(() => {
      const known = this.#statements.get(sql);
      // Taken out and put back, so that the first in the map is the one unused for longest.
      this.#statements.delete(sql);
      const statement = known ?? this.#sqlite.prepare(sql);
      this.#statements.set(sql, statement);
      for (const oldest of this.#statements.keys()) {
        if (this.#statements.size <= maxStatements) break;
        this.#statements.delete(oldest);
      }
      return statement;
    });
  }

  /** A statement of its own, for reading row by row while others run. */
  prepareOnce(sql: string): StatementSync {
    return this.#guard(() => this.#sqlite.prepare(sql));
  }

  /** Runs a statement; the number of rows that it changed. */
  run(sql: string, ...values: readonly Value[]): number {
    return this.#guard(() => Number(this.prepare(sql).run(...values).changes));
  }

  get(sql: string, ...values: readonly Value[]): Row | undefined {
    return this.#guard(() => this.prepare(sql).get(...values));
  }

  all(sql: string, ...values: readonly Value[]): readonly Row[] {
    return this.#guard(() => this.prepare(sql).all(...values));
  }

  /** Several statements without values: schemas and pragmas. */
  script(sql: string): void {
    this.#guard(() => this.#sqlite.exec(sql));
  }

  /** Does all of `body` or nothing of it; a transaction within one belongs to the outer. */
  transaction<T>(body: () => T): T {
    if (this.#depth > 0) return body();
    this.begin();
    try {
      const result = body();
      this.commit();
      return result;
    } catch (error) {
      this.rollback();
      throw error;
    } finally {
      if (this.#scrubAfterCommit && this.#sqlite.isOpen) this.scrub();
    }
  }

  /** Begins a transaction that lasts until `commit` or `rollback`: for what is gathered by several callers. */
  begin(): void {
    this.script('BEGIN IMMEDIATE');
    this.#depth++;
  }

  /** Makes the open transaction durable; when that throws, it is to be rolled back. */
  commit(): void {
    this.script('COMMIT');
    this.#depth = 0;
  }

  /** Undoes the open transaction, if there is one. */
  rollback(): void {
    this.#depth = 0;
    // SQLite itself has rolled back after some errors, a full disk among them.
    if (this.#sqlite.isOpen && this.#sqlite.isTransaction) this.script('ROLLBACK');
  }

  /** Copies the log into the file and empties it, now or when the open transaction ends: what was deleted is nowhere any more (§5 Archive). */
  scrub(): void {
    this.#scrubAfterCommit = this.#depth > 0;
    if (!this.#scrubAfterCommit) this.script('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  close(): void {
    this.#statements.clear();
    if (this.#sqlite.isOpen) this.#guard(() => this.#sqlite.close());
  }

  #guard<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw storageError(error, this.path);
    }
  }
}

/** The file belongs to its owner alone before SQLite writes into it; the log takes its mode. */
function makePrivate(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (!existsSync(path)) closeSync(openSync(path, 'wx', 0o600));
  // An existing file is never opened here: closing it would drop the locks that
  // this process holds on it (https://www.sqlite.org/howtocorrupt.html §2.2).
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
}

function setUp(sqlite: DatabaseSync): void {
  // Before the first access: then no shared memory is used, and the lock is held until close.
  sqlite.exec('PRAGMA locking_mode = EXCLUSIVE');
  sqlite.exec('PRAGMA journal_mode = WAL');
  sqlite.exec('PRAGMA synchronous = FULL');
  sqlite.exec('PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON'); // macOS; nothing elsewhere
  sqlite.exec('PRAGMA secure_delete = ON');
  sqlite.exec('PRAGMA trusted_schema = OFF');
  // The first write takes the exclusive lock.
  sqlite.exec('BEGIN IMMEDIATE; COMMIT');
}
