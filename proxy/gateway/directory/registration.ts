// What becomes of a registration (docs/protocol.md §4 Ownership): the first one
// takes the JID; one under the same account key may bring a newer device list,
// which revokes whom it no longer names; everything else leaves the device
// pending and changes nothing for the others.
import { equalBytes, toHex } from '../../../shared/bytes.ts';
import { SimppError } from '../../../shared/errors.ts';
import { lockAccount, replaceAccount, replaceList } from './account-rows.ts';
import { findAccount, plainBytes, type Db } from './device-rows.ts';
import { maxPendingDevices, type AccountRow, type Registration, type RegistrationResult } from './directory.ts';
import { mayTakeOver } from './reset-rows.ts';
import { accountHash, deviceHash, type DevicesTable } from './schema.ts';

type KnownDevice = Pick<DevicesTable, 'account_hash' | 'device_id' | 'signing_key' | 'status' | 'epoch'>;

/** One attempt, in a transaction that sees what others committed; throws a conflict (conflict.ts) when it lost a race for a free JID. */
export async function registerOnce(db: Db, registration: Registration): Promise<RegistrationResult> {
  await lockAccount(db, registration.jid);
  const device = await knownDevice(db, registration);
  const account = await findAccount(db, registration.jid);
  if (account === undefined) {
    await insertAccount(db, registration);
    await listDevice(db, registration, device);
    return 'registered';
  }
  if (!equalBytes(account.accountKey, registration.accountKey)) {
    if (await mayTakeOver(db, registration)) {
      await replaceAccount(db, registration);
      await listDevice(db, registration, await knownDevice(db, registration));
      return 'registered';
    }
    return isApproved(registration, device) ? 'refreshed' : recordPending(db, registration, device);
  }
  if (registration.listVersion > account.listVersion) {
    await replaceList(db, registration);
  } else if (!sameList(registration, account)) {
    // An old list, or another one of the same version: it changes nothing, for a listed device neither.
    const isListed = device?.status === 'listed' && device.device_id === toHex(registration.device.deviceId);
    return isListed ? 'refreshed' : recordPending(db, registration, device);
  } else if (device?.status === 'revoked') {
    return 'pending'; // only a newer list brings a revoked device back
  }
  await listDevice(db, registration, device);
  return 'refreshed';
}

/** A device that the account has listed since this one made itself an account key: it has shown the very key that is listed. */
function isApproved({ device }: Registration, known: KnownDevice | undefined): boolean {
  return (
    known?.status === 'listed' &&
    known.device_id === toHex(device.deviceId) &&
    equalBytes(plainBytes(known.signing_key), device.signingKey)
  );
}

function sameList(registration: Registration, account: AccountRow): boolean {
  return registration.listVersion === account.listVersion && equalBytes(registration.list, account.list);
}

async function knownDevice(db: Db, { jid, device }: Registration): Promise<KnownDevice | undefined> {
  const known = await db
    .selectFrom('directory_devices')
    .select(['account_hash', 'device_id', 'signing_key', 'status', 'epoch', 'is_proved'])
    .where('device_hash', '=', deviceHash(device.agreementKey))
    .executeTakeFirst();
  if (known !== undefined && known.account_hash !== accountHash(jid)) {
    if (Number(known.is_proved) === 0) {
      // Somebody has certified a key that is not theirs to show: who shows it has it.
      await db.deleteFrom('directory_devices').where('device_hash', '=', deviceHash(device.agreementKey)).execute();
      return undefined;
    }
    throw new SimppError('gateway-refused', 'The key of this device belongs to another address.');
  }
  return known;
}

async function insertAccount(db: Db, registration: Registration): Promise<void> {
  const { jid, accountKey, listVersion, listIssued, list, at } = registration;
  await db
    .insertInto('directory_accounts')
    .values({
      account_hash: accountHash(jid),
      jid,
      account_key: accountKey,
      list_version: listVersion,
      list_issued: listIssued,
      list,
      registered_at: at,
    })
    .execute();
}

async function listDevice(db: Db, registration: Registration, known: KnownDevice | undefined): Promise<void> {
  const { jid, device } = registration;
  // The same device with new keys: the old ones go.
  await db
    .deleteFrom('directory_devices')
    .where('account_hash', '=', accountHash(jid))
    .where('device_id', '=', toHex(device.deviceId))
    .where('device_hash', '<>', deviceHash(device.agreementKey))
    .where('status', '<>', 'pending')
    .execute();
  await putDevice(db, registration, known, 'listed');
}

async function recordPending(
  db: Db,
  registration: Registration,
  known: KnownDevice | undefined,
): Promise<RegistrationResult> {
  // A listed device is never demoted by what it claims itself, nor a revoked one brought back.
  if (known !== undefined && known.status !== 'pending') return 'pending';
  await putDevice(db, registration, known, 'pending');
  await dropOldestPending(db, registration);
  return 'pending';
}

async function putDevice(
  db: Db,
  { jid, device, at }: Registration,
  known: KnownDevice | undefined,
  status: 'listed' | 'pending',
): Promise<void> {
  const hash = deviceHash(device.agreementKey);
  const values = {
    device_id: toHex(device.deviceId),
    signing_key: device.signingKey,
    certificate: device.certificate,
    certificate_name: toHex(device.certificateName),
    not_after: device.notAfter,
    status,
    epoch: Math.max(device.epoch, Number(known?.epoch ?? 0)),
    recorded_at: at,
    is_proved: 1,
  };
  if (known === undefined) {
    await db
      .insertInto('directory_devices')
      .values({ device_hash: hash, account_hash: accountHash(jid), agreement_key: device.agreementKey, ...values })
      .execute();
  } else {
    await db.updateTable('directory_devices').set(values).where('device_hash', '=', hash).execute();
  }
}

async function dropOldestPending(db: Db, { jid, device }: Registration): Promise<void> {
  const others = await db
    .selectFrom('directory_devices')
    .select('device_hash')
    .where('account_hash', '=', accountHash(jid))
    .where('status', '=', 'pending')
    .where('device_hash', '<>', deviceHash(device.agreementKey))
    .orderBy('recorded_at', 'desc')
    .orderBy('device_hash')
    .execute();
  const surplus = others.slice(maxPendingDevices - 1).map((row) => row.device_hash);
  if (surplus.length === 0) return;
  await db.deleteFrom('directory_devices').where('device_hash', 'in', surplus).execute();
}
