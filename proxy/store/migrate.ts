// Numbered schema changes. The number of those applied is SQLite's user_version,
// written in the same transaction as the change.
import { SimppError } from '../../shared/errors.ts';
import type { Database } from './sqlite.ts';

export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** Schema version of an open database: how many migrations it has had. */
export function schemaVersion(database: Database): number {
  return Number(database.get('PRAGMA user_version')?.['user_version'] ?? 0);
}

/** Brings the schema up to date, each migration whole or not at all; throws SimppError('storage-failed') on a newer schema. */
export function migrate(database: Database, migrations: readonly Migration[]): void {
  const version = schemaVersion(database);
  if (version > migrations.length) {
    throw new SimppError(
      'storage-failed',
      `The database ${database.path} was written by a newer SIMPP (schema ${version}, this one knows ${migrations.length}). Update SIMPP.`,
    );
  }
  for (const [at, migration] of migrations.entries()) {
    if (at < version) continue;
    database.transaction(() => {
      database.script(migration.sql);
      database.script(`PRAGMA user_version = ${at + 1}`);
    });
  }
}
