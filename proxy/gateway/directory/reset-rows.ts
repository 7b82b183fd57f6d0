// When another account key may take a JID (design: Reset): the old one has
// named it, or the operator has allowed it and no device has objected in time.
import { equalBytes } from '../../../shared/bytes.ts';
import { plainBytes, type Db } from './device-rows.ts';
import type { Registration } from './directory.ts';
import type { Reset } from './key-store.ts';
import { accountHash } from './schema.ts';

/** Whether a registration under another account key replaces the entry at once. */
export async function mayTakeOver(db: Db, { jid, accountKey, at }: Registration): Promise<boolean> {
  const rollover = await db
    .selectFrom('directory_rollovers')
    .select('next_account_key')
    .where('account_hash', '=', accountHash(jid))
    .executeTakeFirst();
  if (rollover !== undefined && equalBytes(plainBytes(rollover.next_account_key), accountKey)) return true;
  const reset = await findReset(db, jid);
  return reset !== undefined && reset.dueAt <= at && at < reset.expiresAt;
}

export async function findReset(db: Db, jid: string): Promise<Reset | undefined> {
  const row = await db
    .selectFrom('directory_resets')
    .selectAll()
    .where('account_hash', '=', accountHash(jid))
    .executeTakeFirst();
  return (
    row && {
      dueAt: Number(row.due_at),
      expiresAt: Number(row.expires_at),
      canBeStopped: Number(row.can_be_stopped) === 1,
    }
  );
}

/** In place of an earlier one. */
export async function putReset(db: Db, jid: string, { dueAt, expiresAt, canBeStopped }: Reset): Promise<void> {
  const account = accountHash(jid);
  await db.deleteFrom('directory_resets').where('account_hash', '=', account).execute();
  await db
    .insertInto('directory_resets')
    .values({
      account_hash: account,
      due_at: dueAt,
      expires_at: expiresAt,
      can_be_stopped: canBeStopped ? 1 : 0,
    })
    .execute();
}

/** Stops every reset, or those that a device of the account can stop. */
export async function dropReset(db: Db, jid: string, by: 'operator' | 'device'): Promise<boolean> {
  const all = db.deleteFrom('directory_resets').where('account_hash', '=', accountHash(jid));
  const query = by === 'operator' ? all : all.where('can_be_stopped', '=', 1);
  const { numDeletedRows } = await query.executeTakeFirstOrThrow();
  return numDeletedRows > 0n;
}
