// The database of end-to-end encryption: all accounts of a proxy in one file,
// apart from the accounts' own database, since it is written for every message.
import { createSecretKey } from 'node:crypto';
import { SimppError } from '../../../shared/errors.ts';
import { unharmed, type Reached } from '../../endtoend/crash-points.ts';
import { openColumn, sealColumn } from '../../keystore/column.ts';
import { installationSecret, type KeystoreKey } from '../../keystore/key.ts';
import { migrate } from '../migrate.ts';
import { blob, integer, text } from '../row.ts';
import { Database } from '../sqlite.ts';
import { AccountRows, type RowKeys } from './account-rows.ts';
import { Epochs } from './epochs.ts';
import { GroupCommit } from './group-commit.ts';
import { pack, unpack } from './packing.ts';
import { endToEndMigrations } from './schema.ts';
import { EndToEndStore } from './store.ts';

export interface StoresOptions {
  readonly reached?: Reached | undefined;
}

interface OpenAccount {
  readonly rows: AccountRows;
  readonly store: EndToEndStore;
}

const installation = { table: 'endtoend.installation', row: '1', column: 'sealed' };

export class EndToEndStores {
  readonly #database: Database;
  readonly #group: GroupCommit;
  readonly #keys: RowKeys;
  readonly #epochs: Epochs;
  readonly #reached: Reached;
  readonly #open = new Map<string, OpenAccount>();
  #isClosed = false;

  private constructor(database: Database, path: string, key: KeystoreKey, reached: Reached) {
    this.#database = database;
    this.#group = new GroupCommit(database, reached);
    this.#keys = { columns: key, tags: createSecretKey(installationSecret(key, 'endtoend-tags')) };
    this.#epochs = new Epochs(`${path.replace(/\.db$/, '')}.epoch`, key, reached);
    this.#reached = reached;
  }

  /**
   * Opens or creates the database; a file that ends in `.epoch` lies beside it.
   * Throws SimppError('keystore-locked') when it was sealed under another keystore.
   */
  static open(path: string, key: KeystoreKey, { reached = unharmed }: StoresOptions = {}): EndToEndStores {
    const database = Database.open(path);
    try {
      migrate(database, endToEndMigrations);
      const stores = new EndToEndStores(database, path, key, reached);
      stores.#countOpening();
      return stores;
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** Commits what was put, and closes. Throws when that was lost; it is closed all the same. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      this.#group.flush();
      // A copy that was made while it was open is an older one from now on.
      this.#count(this.#epochs.next(this.#generation() ?? 0));
      this.#database.scrub();
    } finally {
      this.#database.close();
    }
  }

  /** The bare JIDs of which something is stored, in order. */
  names(): readonly string[] {
    return this.#database.all('SELECT jid FROM accounts ORDER BY jid').map((row) => text(row, 'jid'));
  }

  /** The store of an account, made on first use; the same one each time. */
  account(jid: string): EndToEndStore {
    const known = this.#open.get(jid);
    if (known !== undefined) return known.store;
    const rows = new AccountRows(jid, this.#accountId(jid), this.#database, this.#group, this.#keys);
    const store = new EndToEndStore(rows, this.#epochs, this.#reached);
    this.#open.set(jid, { rows, store });
    return store;
  }

  /** Removes all of an account, from the disk too; false when there was nothing. */
  remove(jid: string): boolean {
    this.#open.get(jid)?.rows.end();
    this.#open.delete(jid);
    const removed = this.#group.put(() => this.#database.run('DELETE FROM accounts WHERE jid = ?', jid)) > 0;
    this.#group.flush();
    this.#epochs.remove(jid);
    if (removed) this.#database.scrub();
    return removed;
  }

  #accountId(jid: string): number {
    const id = (): number | undefined => {
      const row = this.#database.get('SELECT id FROM accounts WHERE jid = ?', jid);
      return row && integer(row, 'id');
    };
    const known = id();
    if (known !== undefined) return known;
    this.#group.put(() => this.#database.run('INSERT INTO accounts (jid) VALUES (?)', jid));
    // At once: the number is remembered, so it must not be lost with other things.
    this.#group.flush();
    const made = id();
    if (made === undefined) throw new SimppError('internal', 'an account that was made is not there');
    return made;
  }

  /** Notes that the database is in use again, and whether it is an older copy (§9.8). */
  #countOpening(): void {
    const generation = this.#generation();
    this.#database.transaction(() => {
      // It stays an older copy until its epochs are raised, also over a crash.
      if (generation !== undefined && this.#epochs.hasOvertaken(generation)) {
        this.#database.run('UPDATE accounts SET is_overtaken = 1');
      }
      this.#putGeneration(this.#epochs.next(generation ?? 0));
    });
    this.#epochs.count(this.#generation() ?? 0);
  }

  #count(generation: number): void {
    this.#putGeneration(generation);
    this.#epochs.count(generation);
  }

  /** Undefined in a new database. */
  #generation(): number | undefined {
    const row = this.#database.get('SELECT sealed FROM installation WHERE id = 1');
    if (row === undefined) return undefined;
    try {
      return integer(unpack(openColumn(this.#keys.columns, installation, blob(row, 'sealed'))), 'generation');
    } catch (error) {
      throw new SimppError(
        'keystore-locked',
        `The database ${this.#database.path} was sealed under another keystore than the one beside it. Restore both from the same backup.`,
        { cause: error },
      );
    }
  }

  #putGeneration(generation: number): void {
    const sealed = sealColumn(this.#keys.columns, installation, pack({ generation }));
    this.#database.run('REPLACE INTO installation (id, sealed) VALUES (1, ?)', sealed);
  }
}
