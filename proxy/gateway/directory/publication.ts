// What becomes of a publication (docs/protocol.md §9.1): all of it or nothing.
// Only a listed device publishes for its account, or one that waits and whose
// list names it: it has KR_A, by the recovery phrase. List versions never go
// down, and whom a newer list does not name is revoked at once.
import { equalBytes, toHex } from '../../../shared/bytes.ts';
import { SimppError } from '../../../shared/errors.ts';
import { lockAccount, replaceAccount, replaceList } from './account-rows.ts';
import { findAccount, plainBytes, type Db } from './device-rows.ts';
import type { AccountRow } from './directory.ts';
import type { CertifiedDevice, CheckedList, CheckedPublication, CheckedRollover, PublishResult } from './key-store.ts';
import { countOneTimeKeys } from './one-time-rows.ts';
import { dropReset } from './reset-rows.ts';
import { accountHash, deviceHash } from './schema.ts';

/** In a transaction; throws SimppError('gateway-refused') when nothing may be taken. */
export async function publishOnce(db: Db, publication: CheckedPublication): Promise<PublishResult> {
  const { jid, agreementKey, list, rollover, prekey, tombstone, at } = publication;
  await lockAccount(db, jid);
  const account = await findAccount(db, jid);
  const device = deviceHash(agreementKey);
  const status = await statusOf(db, jid, device);
  const isWaiting = status === 'pending' && list !== undefined;
  if (account === undefined || !(status === 'listed' || isWaiting)) throw refused();
  const changes = [
    rollover !== undefined && (await putRollover(db, jid, account, rollover)),
    list !== undefined && (await putList(db, jid, account, list, rollover, at)),
  ];
  // It may have taken itself off the list.
  const isListed = (await statusOf(db, jid, device)) === 'listed';
  if (isWaiting && !isListed) throw refused();
  if (isListed) {
    await db.updateTable('directory_devices').set({ is_proved: 1 }).where('device_hash', '=', device).execute();
    changes.push(prekey !== undefined && (await putPrekey(db, device, prekey)));
    changes.push(tombstone !== undefined && (await putTombstone(db, device, tombstone)));
  }
  // Somebody has this device and uses it: who says that all devices are lost is not believed.
  await dropReset(db, jid, 'device');
  return {
    outcome: 'taken',
    listVersion: list?.listVersion ?? account.listVersion,
    oneTimeKeysLeft: await countOneTimeKeys(db, device),
    isChanged: changes.includes(true),
  };
}

function refused(): SimppError {
  return new SimppError('gateway-refused');
}

async function statusOf(db: Db, jid: string, device: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('directory_devices')
    .select(['account_hash', 'status'])
    .where('device_hash', '=', device)
    .executeTakeFirst();
  return row?.account_hash === accountHash(jid) ? row.status : undefined;
}

async function putRollover(db: Db, jid: string, account: AccountRow, next: CheckedRollover): Promise<boolean> {
  const isOurs = equalBytes(next.accountKey, account.accountKey) || equalBytes(next.nextAccountKey, account.accountKey);
  if (!isOurs || equalBytes(next.accountKey, next.nextAccountKey)) throw refused();
  const row = { account_hash: accountHash(jid), rollover: next.rollover, next_account_key: next.nextAccountKey };
  const known = await db
    .selectFrom('directory_rollovers')
    .select('rollover')
    .where('account_hash', '=', row.account_hash)
    .executeTakeFirst();
  if (known !== undefined && equalBytes(plainBytes(known.rollover), next.rollover)) return false;
  await db.deleteFrom('directory_rollovers').where('account_hash', '=', row.account_hash).execute();
  await db.insertInto('directory_rollovers').values(row).execute();
  return true;
}

/** Whether the list or a device in it is new. */
async function putList(
  db: Db,
  jid: string,
  account: AccountRow,
  list: CheckedList,
  rollover: CheckedRollover | undefined,
  at: number,
): Promise<boolean> {
  let isNew = true;
  if (!equalBytes(list.accountKey, account.accountKey)) {
    const isNamed =
      rollover !== undefined &&
      equalBytes(rollover.accountKey, account.accountKey) &&
      equalBytes(rollover.nextAccountKey, list.accountKey);
    if (!isNamed) throw refused();
    await replaceAccount(db, { jid, ...list });
  } else if (list.listVersion > account.listVersion) {
    await replaceList(db, { jid, ...list });
  } else {
    if (list.listVersion < account.listVersion || !equalBytes(list.list, account.list)) throw refused();
    isNew = false;
  }
  const changes: boolean[] = [];
  for (const device of list.devices) changes.push(await certifyDevice(db, jid, device, at));
  return isNew || changes.includes(true);
}

/** Lists a device by its new certificate: one that waited, one that was known, or one that has not come here yet. */
async function certifyDevice(db: Db, jid: string, device: CertifiedDevice, at: number): Promise<boolean> {
  const account = accountHash(jid);
  const hash = deviceHash(device.agreementKey);
  const known = await db.selectFrom('directory_devices').selectAll().where('device_hash', '=', hash).executeTakeFirst();
  if (known !== undefined && known.account_hash !== account) throw refused();
  const id = toHex(device.deviceId);
  const name = toHex(device.certificateName);
  if (known?.status === 'listed' && known.certificate_name === name) return false;
  // The same device with new keys: the old ones go.
  await db
    .deleteFrom('directory_devices')
    .where('account_hash', '=', account)
    .where('device_id', '=', id)
    .where('device_hash', '<>', hash)
    .where('status', '<>', 'pending')
    .execute();
  const values = {
    device_id: id,
    signing_key: device.signingKey,
    certificate: device.certificate,
    certificate_name: name,
    not_after: device.notAfter,
    status: 'listed' as const,
    recorded_at: at,
  };
  if (known === undefined) {
    const keys = { device_hash: hash, account_hash: account, agreement_key: device.agreementKey };
    await db
      .insertInto('directory_devices')
      .values({ ...keys, ...values, epoch: 0, is_proved: 0 })
      .execute();
    return true;
  }
  await db.updateTable('directory_devices').set(values).where('device_hash', '=', hash).execute();
  if (known.device_id !== id || !equalBytes(plainBytes(known.signing_key), device.signingKey)) {
    // What the device signed as somebody else would not verify any more.
    await db.deleteFrom('directory_keys').where('device_hash', '=', hash).execute();
    await db.deleteFrom('directory_one_time_keys').where('device_hash', '=', hash).execute();
  }
  return true;
}

async function putPrekey(
  db: Db,
  device: string,
  { signed, issued }: NonNullable<CheckedPublication['prekey']>,
): Promise<boolean> {
  const known = await db.selectFrom('directory_keys').selectAll().where('device_hash', '=', device).executeTakeFirst();
  // A device that has retired comes back with new keys only, and an old prekey not at all: its private part may be gone.
  if (known !== undefined && (known.tombstone !== null || issued < Number(known.prekey_issued))) throw refused();
  if (known?.prekey && equalBytes(plainBytes(known.prekey), signed)) return false;
  const values = { prekey: signed, prekey_issued: issued };
  if (known === undefined) {
    await db
      .insertInto('directory_keys')
      .values({ device_hash: device, tombstone: null, ...values })
      .execute();
  } else {
    await db.updateTable('directory_keys').set(values).where('device_hash', '=', device).execute();
  }
  return true;
}

async function putTombstone(db: Db, device: string, tombstone: Uint8Array): Promise<boolean> {
  const known = await db
    .selectFrom('directory_keys')
    .select('tombstone')
    .where('device_hash', '=', device)
    .executeTakeFirst();
  if (known?.tombstone) return false;
  await db.deleteFrom('directory_keys').where('device_hash', '=', device).execute();
  await db.deleteFrom('directory_one_time_keys').where('device_hash', '=', device).execute();
  await db
    .insertInto('directory_keys')
    .values({ device_hash: device, prekey: null, prekey_issued: 0, tombstone })
    .execute();
  return true;
}
