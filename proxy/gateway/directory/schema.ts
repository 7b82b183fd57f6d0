// The directory's tables, in the SQL that SQLite, PostgreSQL and MySQL share.
// Rows are found by hashes in hexadecimal, not by JIDs: MySQL would compare JIDs
// without accents and case, and cannot index their full length.
import { createHash } from 'node:crypto';
import { sql, type CreateTableBuilder, type Generated, type Kysely } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';
import { toHex, utf8 } from '../../../shared/bytes.ts';
import { SimppError } from '../../../shared/errors.ts';
import type { DeviceStatus } from './directory.ts';
import { keyTables, type KeyTables } from './key-tables.ts';

/** PostgreSQL's driver gives 64-bit integers as strings; they are read with Number(). */
export type Integer = number | string;

export interface AccountsTable {
  account_hash: string;
  jid: string;
  account_key: Uint8Array;
  list_version: Integer;
  list_issued: Integer;
  list: Uint8Array;
  registered_at: Integer;
}

export interface DevicesTable {
  device_hash: string;
  account_hash: string;
  /** Hexadecimal. */
  device_id: string;
  agreement_key: Uint8Array;
  signing_key: Uint8Array;
  certificate: Uint8Array;
  /** Hexadecimal. */
  certificate_name: string;
  not_after: Integer;
  status: DeviceStatus;
  epoch: Integer;
  recorded_at: Integer;
  /** 0 while only another device of the account has spoken of it: nobody has shown its key yet. */
  is_proved: Generated<Integer>;
}

export interface ClassicTable {
  account_hash: string;
  id: string;
  account_key: Uint8Array;
  master_key: Uint8Array;
}

export interface DirectoryTables extends KeyTables {
  directory_accounts: AccountsTable;
  directory_devices: DevicesTable;
  classic_accounts: ClassicTable;
}

export type SqlFlavor = 'sqlite' | 'postgres' | 'mysql';

/** The key of a JID's or classic ID's row. */
export function accountHash(jid: string): string {
  return toHex(createHash('sha256').update(utf8(jid)).digest());
}

/** The key of a device's row. */
export function deviceHash(agreementKey: Uint8Array): string {
  return toHex(createHash('sha256').update(agreementKey).digest());
}

function firstTables(flavor: SqlFlavor): Migration {
  const bytes = flavor === 'postgres' ? sql`bytea` : sql`blob`;
  const finish = <T extends string>(table: CreateTableBuilder<T>): CreateTableBuilder<T> =>
    flavor === 'mysql' ? table.modifyEnd(sql`default character set utf8mb4`) : table;
  return {
    async up(db: Kysely<unknown>) {
      await finish(
        db.schema
          .createTable('directory_accounts')
          .addColumn('account_hash', 'varchar(64)', (column) => column.primaryKey())
          .addColumn('jid', 'text', (column) => column.notNull())
          .addColumn('account_key', bytes, (column) => column.notNull())
          .addColumn('list_version', 'bigint', (column) => column.notNull())
          .addColumn('list_issued', 'bigint', (column) => column.notNull())
          .addColumn('list', bytes, (column) => column.notNull())
          .addColumn('registered_at', 'bigint', (column) => column.notNull()),
      ).execute();
      await finish(
        db.schema
          .createTable('directory_devices')
          .addColumn('device_hash', 'varchar(64)', (column) => column.primaryKey())
          .addColumn('account_hash', 'varchar(64)', (column) => column.notNull())
          .addColumn('device_id', 'varchar(32)', (column) => column.notNull())
          .addColumn('agreement_key', bytes, (column) => column.notNull())
          .addColumn('signing_key', bytes, (column) => column.notNull())
          .addColumn('certificate', bytes, (column) => column.notNull())
          .addColumn('certificate_name', 'varchar(64)', (column) => column.notNull())
          .addColumn('not_after', 'bigint', (column) => column.notNull())
          .addColumn('status', 'varchar(16)', (column) => column.notNull())
          .addColumn('epoch', 'bigint', (column) => column.notNull())
          .addColumn('recorded_at', 'bigint', (column) => column.notNull())
          // Not on the column: MySQL reads a reference there and ignores it.
          .addForeignKeyConstraint(
            'directory_devices_account',
            ['account_hash'],
            'directory_accounts',
            ['account_hash'],
            (key) => key.onDelete('cascade'),
          ),
      ).execute();
      await db.schema
        .createIndex('directory_devices_by_account')
        .on('directory_devices')
        .columns(['account_hash', 'device_id'])
        .execute();
      await finish(
        db.schema
          .createTable('classic_accounts')
          .addColumn('account_hash', 'varchar(64)', (column) => column.primaryKey())
          .addColumn('id', 'text', (column) => column.notNull())
          .addColumn('account_key', bytes, (column) => column.notNull())
          .addColumn('master_key', bytes, (column) => column.notNull()),
      ).execute();
    },
  };
}

/** In the order of their names, which is the order in which they run. */
function migrations(flavor: SqlFlavor): Record<string, Migration> {
  return { '0001-first-tables': firstTables(flavor), '0002-published-keys': keyTables(flavor) };
}

/** The names of all migrations, for who looks at a database without opening it as a directory. */
export const directoryMigrations: readonly string[] = Object.keys(migrations('sqlite'));

const migrationTable = 'directory_migration';

/** Migrations that the database has had and this program does not know. */
async function unknownMigrations(db: Kysely<DirectoryTables>, known: Record<string, Migration>): Promise<string[]> {
  const tables = await db.introspection.getTables();
  if (!tables.some((table) => table.name === migrationTable)) return [];
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(migrationTable)}`.execute(db);
  return rows.map((row) => row.name).filter((name) => !Object.hasOwn(known, name));
}

/** Brings the schema up to date, once even when several gateways start together; throws SimppError('storage-failed') on a newer one. */
export async function migrateDirectory(db: Kysely<DirectoryTables>, flavor: SqlFlavor): Promise<void> {
  const known = migrations(flavor);
  const unknown = await unknownMigrations(db, known);
  if (unknown.length > 0) {
    throw new SimppError(
      'storage-failed',
      `The directory was written by a newer SIMPP (it has had ${unknown.join(', ')}). Update SIMPP.`,
    );
  }
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => known },
    migrationTableName: migrationTable,
    migrationLockTableName: 'directory_migration_lock',
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) {
    throw new SimppError('storage-failed', "The directory's tables cannot be made.", { cause: error });
  }
}
