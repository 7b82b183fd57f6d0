// Changing an account's row and, with it, which of its devices are listed: what
// registrations and publications have in common.
import { toHex } from '../../../shared/bytes.ts';
import type { Db } from './device-rows.ts';
import type { AccountRow } from './directory.ts';
import { accountHash } from './schema.ts';

/** A list that takes the place of an older one. */
export interface NewList extends AccountRow {
  /** The names of the certificates in it. */
  readonly certificateNames: readonly Uint8Array[];
}

/** Revoked devices of one account that are remembered, so that lists with ever new devices cannot fill the disk. */
const maxRevokedDevices = 32;

/** From here to the end of the transaction no other gateway changes this JID: an update holds its row in every database, which "for update" does not in SQLite. */
export async function lockAccount(db: Db, jid: string): Promise<void> {
  await db
    .updateTable('directory_accounts')
    .set((row) => ({ registered_at: row.ref('registered_at') }))
    .where('account_hash', '=', accountHash(jid))
    .execute();
}

/** Certificates count only while the list names them (§3): who is not in the new one logs in no more. */
export async function replaceList(db: Db, next: NewList): Promise<void> {
  const { jid, listVersion, listIssued, list, certificateNames } = next;
  const account = accountHash(jid);
  await db
    .updateTable('directory_accounts')
    .set({ list_version: listVersion, list_issued: listIssued, list })
    .where('account_hash', '=', account)
    .execute();
  const listed = db
    .updateTable('directory_devices')
    .set({ status: 'revoked' })
    .where('account_hash', '=', account)
    .where('status', '=', 'listed');
  // PostgreSQL and MySQL know no empty list of values.
  const unnamed =
    certificateNames.length === 0 ? listed : listed.where('certificate_name', 'not in', certificateNames.map(toHex));
  await unnamed.execute();
  await forgetOldestRevoked(db, account);
}

/** Another account key takes the JID. What the old one had goes; its devices may come again, and wait for approval. */
export async function replaceAccount(db: Db, next: NewList): Promise<void> {
  const { jid, accountKey, listVersion, listIssued, list } = next;
  const account = accountHash(jid);
  await db.deleteFrom('directory_resets').where('account_hash', '=', account).execute();
  await db
    .deleteFrom('directory_devices')
    .where('account_hash', '=', account)
    .where('status', '<>', 'pending')
    .execute();
  await db
    .deleteFrom('directory_rollovers')
    .where('account_hash', '=', account)
    .where('next_account_key', '<>', accountKey)
    .execute();
  await db
    .updateTable('directory_accounts')
    .set({ account_key: accountKey, list_version: listVersion, list_issued: listIssued, list })
    .where('account_hash', '=', account)
    .execute();
}

async function forgetOldestRevoked(db: Db, account: string): Promise<void> {
  const revoked = await db
    .selectFrom('directory_devices')
    .select('device_hash')
    .where('account_hash', '=', account)
    .where('status', '=', 'revoked')
    .orderBy('recorded_at', 'desc')
    .orderBy('device_hash')
    .execute();
  const surplus = revoked.slice(maxRevokedDevices).map((row) => row.device_hash);
  if (surplus.length > 0) await db.deleteFrom('directory_devices').where('device_hash', 'in', surplus).execute();
}
