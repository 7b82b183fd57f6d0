// One-time keys: each is given out once, whichever of several gateways on one
// database is asked, and is not taken in again afterwards.
import { maxOneTimeKeys } from '../../../shared/simpp/control.ts';
import { plainBytes, type Db } from './device-rows.ts';
import type { KeyStore, OneTimeKey } from './key-store.ts';

/** Ids that are remembered after their keys were given out. */
const maxGivenIds = 2 * maxOneTimeKeys;
/** Each loss means that somebody else was given that very key, and there were no more. */
const maxAttempts = maxOneTimeKeys;

export async function countOneTimeKeys(db: Db, device: string): Promise<number> {
  const { count } = await db
    .selectFrom('directory_one_time_keys')
    .select((table) => table.fn.countAll().as('count'))
    .where('device_hash', '=', device)
    .where('given_at', '=', 0)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** In a transaction that holds the account's row. */
export async function putOneTimeKeys(
  db: Db,
  device: string,
  keys: readonly OneTimeKey[],
): ReturnType<KeyStore['addOneTimeKeys']> {
  const left = await countOneTimeKeys(db, device);
  const ids = keys.map(({ id }) => id);
  const known = await db
    .selectFrom('directory_one_time_keys')
    .select('key_id')
    .where('device_hash', '=', device)
    .where('key_id', 'in', ids)
    .execute();
  const knownIds = new Set(known.map((row) => Number(row.key_id)));
  const fresh = keys.filter(({ id }) => !knownIds.has(id));
  if (left + fresh.length > maxOneTimeKeys) return { outcome: 'too-many', left };
  if (fresh.length > 0) {
    const rows = fresh.map(({ id, signed }) => ({ device_hash: device, key_id: id, signed, given_at: 0 }));
    await db.insertInto('directory_one_time_keys').values(rows).execute();
    await forgetOldestGiven(db, device);
  }
  return { outcome: 'taken', left: left + fresh.length };
}

export async function takeOneTimeKey(db: Db, device: string, at: number): Promise<Uint8Array | undefined> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const row = await db
      .selectFrom('directory_one_time_keys')
      .select(['key_id', 'signed'])
      .where('device_hash', '=', device)
      .where('given_at', '=', 0)
      .orderBy('key_id')
      .limit(1)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const { numUpdatedRows } = await db
      .updateTable('directory_one_time_keys')
      .set({ given_at: at, signed: new Uint8Array(0) })
      .where('device_hash', '=', device)
      .where('key_id', '=', row.key_id)
      .where('given_at', '=', 0)
      .executeTakeFirstOrThrow();
    // Whoever changed the row has the key, and nobody else.
    if (numUpdatedRows === 1n) return plainBytes(row.signed);
  }
  return undefined;
}

async function forgetOldestGiven(db: Db, device: string): Promise<void> {
  const given = await db
    .selectFrom('directory_one_time_keys')
    .select('key_id')
    .where('device_hash', '=', device)
    .where('given_at', '>', 0)
    .orderBy('given_at', 'desc')
    .orderBy('key_id')
    .execute();
  const surplus = given.slice(maxGivenIds).map((row) => row.key_id);
  if (surplus.length === 0) return;
  await db
    .deleteFrom('directory_one_time_keys')
    .where('device_hash', '=', device)
    .where('key_id', 'in', surplus)
    .execute();
}
