// The directory on Kysely, the same for every database that it speaks.
// Races between gateways are settled by the lock on an account's row and, while
// there is none yet, by its unique key: who loses reads again and decides anew.
import { toHex } from '../../../shared/bytes.ts';
import { findClassic, registerClassic, removeClassic } from './classic-rows.ts';
import { findAccount, selectDevices, toDevice, type Db } from './device-rows.ts';
import type {
  AccountRow,
  ClassicRow,
  DeviceRow,
  DirectoryStore,
  Registration,
  RegistrationResult,
} from './directory.ts';
import { guarded, inTransaction } from './guarded.ts';
import type { KeyStore } from './key-store.ts';
import { KyselyKeyStore } from './kysely-key-store.ts';
import { registerOnce } from './registration.ts';
import { accountHash, deviceHash } from './schema.ts';

export class KyselyDirectory implements DirectoryStore {
  readonly keys: KeyStore;
  readonly #db: Db;

  /** On a database whose schema is up to date (schema.ts, migrateDirectory). */
  constructor(db: Db) {
    this.#db = db;
    this.keys = new KyselyKeyStore(db);
  }

  deviceByAgreementKey(agreementKey: Uint8Array): Promise<DeviceRow | undefined> {
    return guarded(async () => {
      const row = await selectDevices(this.#db).where('device_hash', '=', deviceHash(agreementKey)).executeTakeFirst();
      return row && toDevice(row);
    });
  }

  account(jid: string): Promise<AccountRow | undefined> {
    return guarded(() => findAccount(this.#db, jid));
  }

  devices(jid: string): Promise<readonly DeviceRow[]> {
    return guarded(async () => {
      const rows = await selectDevices(this.#db)
        .where('directory_devices.account_hash', '=', accountHash(jid))
        .orderBy('recorded_at')
        .orderBy('device_hash')
        .execute();
      return rows.map(toDevice);
    });
  }

  countAccounts(): Promise<number> {
    return guarded(async () => {
      const { count } = await this.#db
        .selectFrom('directory_accounts')
        .select((table) => table.fn.countAll().as('count'))
        .executeTakeFirstOrThrow();
      return Number(count);
    });
  }

  register(registration: Registration): Promise<RegistrationResult> {
    return guarded(() => inTransaction(this.#db, (db) => registerOnce(db, registration)));
  }

  touch(agreementKey: Uint8Array, epoch: number): Promise<void> {
    return guarded(async () => {
      await this.#db
        .updateTable('directory_devices')
        .set({ epoch, is_proved: 1 })
        .where('device_hash', '=', deviceHash(agreementKey))
        // A device that nobody has shown yet is at epoch 0.
        .where((row) => row.or([row('epoch', '<', epoch), row('is_proved', '=', 0)]))
        .execute();
    });
  }

  revoke(jid: string, deviceId: Uint8Array): Promise<boolean> {
    return guarded(() =>
      this.#db.transaction().execute(async (db) => {
        const account = accountHash(jid);
        const id = toHex(deviceId);
        const revoked = await db
          .updateTable('directory_devices')
          .set({ status: 'revoked' })
          .where('account_hash', '=', account)
          .where('device_id', '=', id)
          .where('status', '=', 'listed')
          .executeTakeFirstOrThrow();
        const dropped = await db
          .deleteFrom('directory_devices')
          .where('account_hash', '=', account)
          .where('device_id', '=', id)
          .where('status', '=', 'pending')
          .executeTakeFirstOrThrow();
        return revoked.numUpdatedRows + dropped.numDeletedRows > 0n;
      }),
    );
  }

  remove(jid: string): Promise<boolean> {
    return guarded(async () => {
      const { numDeletedRows } = await this.#db
        .deleteFrom('directory_accounts')
        .where('account_hash', '=', accountHash(jid))
        .executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    });
  }

  classicAccount(id: string): Promise<ClassicRow | undefined> {
    return guarded(() => findClassic(this.#db, id));
  }

  registerClassic(row: ClassicRow): Promise<'registered' | 'refreshed' | 'conflict'> {
    return guarded(() => registerClassic(this.#db, row));
  }

  removeClassic(id: string): Promise<boolean> {
    return guarded(() => removeClassic(this.#db, id));
  }

  close(): Promise<void> {
    return this.#db.destroy();
  }
}
