// The classic profile's table: "Store ID_A, K_A, KU_A", as the paper says.
import { equalBytes } from '../../../shared/bytes.ts';
import { isConflict } from './conflict.ts';
import { plainBytes, type Db } from './device-rows.ts';
import type { ClassicRow } from './directory.ts';
import { accountHash } from './schema.ts';

export async function findClassic(db: Db, id: string): Promise<ClassicRow | undefined> {
  const row = await db
    .selectFrom('classic_accounts')
    .selectAll()
    .where('account_hash', '=', accountHash(id))
    .executeTakeFirst();
  return row && { id: row.id, accountKey: plainBytes(row.account_key), masterKey: plainBytes(row.master_key) };
}

export async function registerClassic(db: Db, row: ClassicRow): Promise<'registered' | 'refreshed' | 'conflict'> {
  const { id, accountKey, masterKey } = row;
  try {
    await db
      .insertInto('classic_accounts')
      .values({ account_hash: accountHash(id), id, account_key: accountKey, master_key: masterKey })
      .execute();
    return 'registered';
  } catch (error) {
    if (!isConflict(error)) throw error;
  }
  const known = await findClassic(db, id);
  if (known === undefined || !equalBytes(known.accountKey, accountKey)) return 'conflict';
  await db
    .updateTable('classic_accounts')
    .set({ master_key: masterKey })
    .where('account_hash', '=', accountHash(id))
    .where('account_key', '=', accountKey)
    .execute();
  return 'refreshed';
}

export async function removeClassic(db: Db, id: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('classic_accounts')
    .where('account_hash', '=', accountHash(id))
    .executeTakeFirstOrThrow();
  return numDeletedRows > 0n;
}
