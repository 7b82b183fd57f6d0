// The directory's tables for what devices publish (docs/protocol.md §9.1):
// prekeys and tombstones, one-time keys, rollovers, and the resets that the
// operator has allowed.
import { sql, type CreateTableBuilder, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Integer, SqlFlavor } from './schema.ts';

/** What a device has published of itself. */
export interface KeysTable {
  device_hash: string;
  prekey: Uint8Array | null;
  prekey_issued: Integer;
  tombstone: Uint8Array | null;
}

export interface OneTimeKeysTable {
  device_hash: string;
  key_id: Integer;
  /** Empty once it was given out: the id stays for a while, so that the key is never taken in again. */
  signed: Uint8Array;
  /** Seconds; 0 while it waits. */
  given_at: Integer;
}

export interface RolloversTable {
  account_hash: string;
  rollover: Uint8Array;
  next_account_key: Uint8Array;
}

export interface ResetsTable {
  account_hash: string;
  /** Seconds. */
  due_at: Integer;
  expires_at: Integer;
  /** 1: a device of the account can stop it by publishing. */
  can_be_stopped: Integer;
}

export interface KeyTables {
  directory_keys: KeysTable;
  directory_one_time_keys: OneTimeKeysTable;
  directory_rollovers: RolloversTable;
  directory_resets: ResetsTable;
}

/** Migration 0002. */
export function keyTables(flavor: SqlFlavor): Migration {
  const bytes = flavor === 'postgres' ? sql`bytea` : sql`blob`;
  const finish = <T extends string>(table: CreateTableBuilder<T>): CreateTableBuilder<T> =>
    flavor === 'mysql' ? table.modifyEnd(sql`default character set utf8mb4`) : table;
  const reference = <T extends string, C extends string>(
    table: CreateTableBuilder<T, C>,
    name: string,
    column: C,
    to: 'directory_devices' | 'directory_accounts',
  ) => table.addForeignKeyConstraint(name, [column], to, [column], (key) => key.onDelete('cascade'));
  return {
    async up(db: Kysely<unknown>) {
      await db.schema
        .alterTable('directory_devices')
        .addColumn('is_proved', 'integer', (column) => column.notNull().defaultTo(1))
        .execute();
      await finish(
        reference(
          db.schema
            .createTable('directory_keys')
            .addColumn('device_hash', 'varchar(64)', (column) => column.primaryKey())
            .addColumn('prekey', bytes)
            .addColumn('prekey_issued', 'bigint', (column) => column.notNull())
            .addColumn('tombstone', bytes),
          'directory_keys_device',
          'device_hash',
          'directory_devices',
        ),
      ).execute();
      await finish(
        reference(
          db.schema
            .createTable('directory_one_time_keys')
            .addColumn('device_hash', 'varchar(64)', (column) => column.notNull())
            .addColumn('key_id', 'bigint', (column) => column.notNull())
            .addColumn('signed', bytes, (column) => column.notNull())
            .addColumn('given_at', 'bigint', (column) => column.notNull())
            .addPrimaryKeyConstraint('directory_one_time_keys_key', ['device_hash', 'key_id']),
          'directory_one_time_keys_device',
          'device_hash',
          'directory_devices',
        ),
      ).execute();
      await finish(
        reference(
          db.schema
            .createTable('directory_rollovers')
            .addColumn('account_hash', 'varchar(64)', (column) => column.primaryKey())
            .addColumn('rollover', bytes, (column) => column.notNull())
            .addColumn('next_account_key', bytes, (column) => column.notNull()),
          'directory_rollovers_account',
          'account_hash',
          'directory_accounts',
        ),
      ).execute();
      await finish(
        reference(
          db.schema
            .createTable('directory_resets')
            .addColumn('account_hash', 'varchar(64)', (column) => column.primaryKey())
            .addColumn('due_at', 'bigint', (column) => column.notNull())
            .addColumn('expires_at', 'bigint', (column) => column.notNull())
            .addColumn('can_be_stopped', 'integer', (column) => column.notNull()),
          'directory_resets_account',
          'account_hash',
          'directory_accounts',
        ),
      ).execute();
    },
  };
}
