// Reading the directory's rows.
import type { Kysely, Selectable, SelectQueryBuilder } from 'kysely';
import { fromHex } from '../../../shared/bytes.ts';
import type { AccountRow, DeviceRow } from './directory.ts';
import { accountHash, type DevicesTable, type DirectoryTables } from './schema.ts';

export type Db = Kysely<DirectoryTables>;

type JoinedDevice = Selectable<DevicesTable> & { jid: string };

/** Devices with the JID of their account. */
export function selectDevices(
  db: Db,
): SelectQueryBuilder<DirectoryTables, 'directory_devices' | 'directory_accounts', JoinedDevice> {
  return db
    .selectFrom('directory_devices')
    .innerJoin('directory_accounts', 'directory_accounts.account_hash', 'directory_devices.account_hash')
    .selectAll('directory_devices')
    .select('directory_accounts.jid');
}

/** Drivers give Buffers or Uint8Arrays; above here there are only Uint8Arrays. */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

export function toDevice(row: JoinedDevice): DeviceRow {
  return {
    jid: row.jid,
    deviceId: fromHex(row.device_id),
    agreementKey: plainBytes(row.agreement_key),
    signingKey: plainBytes(row.signing_key),
    certificate: plainBytes(row.certificate),
    certificateName: fromHex(row.certificate_name),
    notAfter: Number(row.not_after),
    status: row.status,
    epoch: Number(row.epoch),
  };
}

export async function findAccount(db: Db, jid: string): Promise<AccountRow | undefined> {
  const row = await db
    .selectFrom('directory_accounts')
    .selectAll()
    .where('account_hash', '=', accountHash(jid))
    .executeTakeFirst();
  return (
    row && {
      jid: row.jid,
      accountKey: plainBytes(row.account_key),
      listVersion: Number(row.list_version),
      listIssued: Number(row.list_issued),
      list: plainBytes(row.list),
    }
  );
}
