// The state epochs of all accounts, beside the database and in it (§9.8).
// Beside comes first when one is raised: a crash in between makes the database
// look like an older copy, which costs new sessions; the other way round a copy
// could pass for the newest.
import type { Reached } from '../../endtoend/crash-points.ts';
import type { KeystoreKey } from '../../keystore/key.ts';
import { readBeside, writeBeside, type Beside } from './epoch-file.ts';

export interface EpochReading {
  /** 0 where none was ever raised. */
  readonly database: number;
  readonly beside: number;
  /** The database was opened or closed after this copy of it was made, or what stood beside it is gone. */
  readonly isOvertaken: boolean;
}

/** Whether sessions and prekeys of this database may have been used since by another copy. */
export function isRestored({ database, beside, isOvertaken }: EpochReading): boolean {
  return isOvertaken || beside > database;
}

export class Epochs {
  readonly #path: string;
  readonly #key: KeystoreKey;
  readonly #reached: Reached;
  readonly #beside: Beside | undefined;
  readonly #epochs: Map<string, number>;
  #generation: number;

  constructor(path: string, key: KeystoreKey, reached: Reached) {
    this.#path = path;
    this.#key = key;
    this.#reached = reached;
    this.#beside = readBeside(path, key);
    this.#epochs = new Map(this.#beside?.epochs);
    this.#generation = this.#beside?.generation ?? 0;
  }

  /** Whether a database of this generation is an older copy. One that is ahead had a crash before `count`. */
  hasOvertaken(generation: number): boolean {
    return this.#beside === undefined || this.#beside.generation > generation;
  }

  /** A generation that no copy of a database of `generation` has. */
  next(generation: number): number {
    return Math.max(generation, this.#generation) + 1;
  }

  /** The database is durably of this generation. */
  count(generation: number): void {
    this.#generation = generation;
    this.#write();
  }

  of(jid: string): number {
    return this.#epochs.get(jid) ?? 0;
  }

  raise(jid: string, to: number): void {
    this.#epochs.set(jid, to);
    this.#write();
    this.#reached('epoch.beside-before-database');
  }

  remove(jid: string): void {
    if (this.#epochs.delete(jid)) this.#write();
  }

  #write(): void {
    writeBeside(this.#path, this.#key, { generation: this.#generation, epochs: this.#epochs });
  }
}
