// The last events of a running role, for `simpp log`: bounded, in memory only.

import type { LogLevel } from './log.ts';
import { isAtLeast, type LogRecord } from './log-record.ts';

/** Keeps the last records and hands new ones to followers. */
export class LogRing {
  readonly #records: LogRecord[] = [];
  readonly #followers = new Set<(record: LogRecord) => void>();
  readonly #capacity: number;

  constructor(capacity = 2000) {
    this.#capacity = capacity;
  }

  add(record: LogRecord): void {
    this.#records.push(record);
    // Cut in batches: shifting one by one costs a move of the whole list each time.
    if (this.#records.length > this.#capacity * 1.25) this.#records.splice(0, this.#records.length - this.#capacity);
    for (const follower of this.#followers) follower(record);
  }

  /** The last `count` records of at least this level, oldest first. */
  recent(level: LogLevel, count: number): LogRecord[] {
    const kept = this.#records.slice(-this.#capacity).filter((record) => isAtLeast(record.level, level));
    return kept.slice(Math.max(0, kept.length - count));
  }

  /** Calls back for each new record until the returned function is called. */
  follow(follower: (record: LogRecord) => void): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }
}
