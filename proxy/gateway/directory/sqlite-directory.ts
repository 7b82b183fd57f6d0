// The directory in one SQLite file: the default, for a single gateway.
import { Kysely } from 'kysely';
import { nodeSqliteDialect } from '../../store/kysely-sqlite.ts';
import { Database } from '../../store/sqlite.ts';
import { KyselyDirectory } from './kysely-directory.ts';
import { migrateDirectory, type DirectoryTables } from './schema.ts';

/** Opens or creates the file; throws SimppError('already-running') or SimppError('storage-failed'). */
export async function openSqliteDirectory(path: string): Promise<KyselyDirectory> {
  const database = Database.open(path);
  try {
    const db = new Kysely<DirectoryTables>({ dialect: nodeSqliteDialect(database) });
    await migrateDirectory(db, 'sqlite');
    return new KyselyDirectory(db);
  } catch (error) {
    database.close();
    throw error;
  }
}
