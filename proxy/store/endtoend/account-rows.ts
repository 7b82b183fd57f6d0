// The rows of one account: sealing and opening records at their place, and the
// tags that stand for contacts (schema.ts). All tables go through here.
import { createHmac, type KeyObject } from 'node:crypto';
import { SimppError } from '../../../shared/errors.ts';
import { openColumn, sealColumn } from '../../keystore/column.ts';
import type { KeystoreKey } from '../../keystore/key.ts';
import { blob } from '../row.ts';
import type { Database, Row, Value } from '../sqlite.ts';
import type { GroupCommit } from './group-commit.ts';
import { pack, unpack, type Field } from './packing.ts';

export interface RowKeys {
  readonly columns: KeystoreKey;
  /** Makes tags. */
  readonly tags: KeyObject;
}

/** What makes a row of its table unique, besides the account. */
export type RowName = readonly (string | number)[];

export class AccountRows {
  readonly jid: string;
  /** The account in every table. */
  readonly id: number;
  readonly #database: Database;
  readonly #group: GroupCommit;
  readonly #keys: RowKeys;
  readonly #listening: (() => void)[] = [];
  #isEnded = false;

  constructor(jid: string, id: number, database: Database, group: GroupCommit, keys: RowKeys) {
    this.jid = jid;
    this.id = id;
    this.#database = database;
    this.#group = group;
    this.#keys = keys;
  }

  /** The account was removed: whoever still holds it can write nothing more. */
  end(): void {
    this.#isEnded = true;
    for (const off of this.#listening.splice(0)) off();
  }

  /** Writes as part of this turn's group; the number of rows that changed. */
  run(sql: string, ...values: readonly Value[]): number {
    return this.inGroup(() => this.#database.run(sql, ...values));
  }

  /** For what is kept in memory only and yet belongs to this turn's group, of that number. */
  inGroup<T>(body: (group: number) => T): T {
    if (this.#isEnded) throw new SimppError('storage-failed', `The account ${this.jid} was removed.`);
    return this.#group.put(body);
  }

  durable(): Promise<void> {
    return this.#group.durable();
  }

  durableSoon(): Promise<void> {
    return this.#group.durableSoon();
  }

  flush(): void {
    this.#group.flush();
  }

  /** Hears that what was put in the group of that number was lost. */
  onLost(listener: (group: number) => void): () => void {
    const off = this.#group.onLost(listener);
    this.#listening.push(off);
    return off;
  }

  /** What was overwritten or removed is nowhere any more; what was put must be committed. */
  scrub(): void {
    this.#database.scrub();
  }

  get(sql: string, ...values: readonly Value[]): Row | undefined {
    return this.#database.get(sql, ...values);
  }

  all(sql: string, ...values: readonly Value[]): readonly Row[] {
    return this.#database.all(sql, ...values);
  }

  /** One row at a time, for what may be long. */
  each(sql: string, ...values: readonly Value[]): Iterable<Row> {
    return this.#database.prepareOnce(sql).iterate(...values);
  }

  /** What stands for a contact in a column: always the same, and of use only with the keystore's key. */
  tag(contact: string): string {
    const mac = createHmac('sha256', this.#keys.tags).update(JSON.stringify([this.jid, contact]));
    return mac.digest('hex').slice(0, 32);
  }

  seal(table: string, name: RowName, fields: Readonly<Record<string, Field>>): Uint8Array {
    return sealColumn(this.#keys.columns, this.#place(table, name), pack(fields));
  }

  open(table: string, name: RowName, row: Row): Row {
    return unpack(openColumn(this.#keys.columns, this.#place(table, name), blob(row, 'sealed')));
  }

  #place(table: string, name: RowName): { table: string; row: string; column: string } {
    return { table: `endtoend.${table}`, row: JSON.stringify([this.jid, ...name]), column: 'sealed' };
  }
}
