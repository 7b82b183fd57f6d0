// What devices publish, on Kysely.
import { fromHex } from '../../../shared/bytes.ts';
import { SimppError } from '../../../shared/errors.ts';
import { lockAccount } from './account-rows.ts';
import { findAccount, plainBytes, type Db } from './device-rows.ts';
import { guarded, inTransaction } from './guarded.ts';
import type {
  CheckedPublication,
  KeyStore,
  OneTimeKey,
  PublishedDevice,
  PublishedEntry,
  PublishResult,
  Reset,
} from './key-store.ts';
import { putOneTimeKeys, takeOneTimeKey } from './one-time-rows.ts';
import { publishOnce } from './publication.ts';
import { dropReset, findReset, putReset } from './reset-rows.ts';
import { accountHash, deviceHash } from './schema.ts';

export class KyselyKeyStore implements KeyStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  publish(publication: CheckedPublication): Promise<PublishResult> {
    return guarded(async () => {
      try {
        return await inTransaction(this.#db, (db) => publishOnce(db, publication));
      } catch (error) {
        if (!(error instanceof SimppError) || error.code !== 'gateway-refused') throw error;
        const account = await findAccount(this.#db, publication.jid);
        const listVersion = account?.listVersion ?? 0;
        return { outcome: 'refused', listVersion, oneTimeKeysLeft: 0, isChanged: false };
      }
    });
  }

  addOneTimeKeys(agreementKey: Uint8Array, keys: readonly OneTimeKey[]): ReturnType<KeyStore['addOneTimeKeys']> {
    const device = deviceHash(agreementKey);
    return guarded(() =>
      inTransaction(this.#db, async (db) => {
        const row = await this.#statusOf(db, device);
        if (row === undefined) return { outcome: 'refused', left: 0 };
        await lockAccount(db, row.jid);
        const locked = await this.#statusOf(db, device);
        if (locked?.status !== 'listed' || locked.tombstone) return { outcome: 'refused', left: 0 };
        return putOneTimeKeys(db, device, keys);
      }),
    );
  }

  takeOneTimeKey(agreementKey: Uint8Array, at: number): Promise<Uint8Array | undefined> {
    return guarded(() => takeOneTimeKey(this.#db, deviceHash(agreementKey), at));
  }

  entry(jid: string): Promise<PublishedEntry | undefined> {
    return guarded(async () => {
      const account = await findAccount(this.#db, jid);
      if (account === undefined) return undefined;
      const rollover = await this.#db
        .selectFrom('directory_rollovers')
        .select('rollover')
        .where('account_hash', '=', accountHash(jid))
        .executeTakeFirst();
      return { account, rollover: rollover && plainBytes(rollover.rollover), devices: await this.#devices(jid) };
    });
  }

  allowReset(jid: string, reset: Reset): Promise<boolean> {
    return guarded(() =>
      inTransaction(this.#db, async (db) => {
        await lockAccount(db, jid);
        if ((await findAccount(db, jid)) === undefined) return false;
        await putReset(db, jid, reset);
        return true;
      }),
    );
  }

  stopReset(jid: string): Promise<boolean> {
    return guarded(() => dropReset(this.#db, jid, 'operator'));
  }

  reset(jid: string): Promise<Reset | undefined> {
    return guarded(() => findReset(this.#db, jid));
  }

  async #statusOf(db: Db, device: string) {
    return db
      .selectFrom('directory_devices')
      .innerJoin('directory_accounts', 'directory_accounts.account_hash', 'directory_devices.account_hash')
      .leftJoin('directory_keys', 'directory_keys.device_hash', 'directory_devices.device_hash')
      .select(['directory_accounts.jid', 'directory_devices.status', 'directory_keys.tombstone'])
      .where('directory_devices.device_hash', '=', device)
      .executeTakeFirst();
  }

  async #devices(jid: string): Promise<readonly PublishedDevice[]> {
    const rows = await this.#db
      .selectFrom('directory_devices')
      .leftJoin('directory_keys', 'directory_keys.device_hash', 'directory_devices.device_hash')
      .select(['device_id', 'agreement_key', 'certificate', 'status', 'prekey', 'tombstone'])
      .where('account_hash', '=', accountHash(jid))
      .where('status', 'in', ['listed', 'pending'])
      .orderBy('recorded_at')
      .orderBy('directory_devices.device_hash')
      .execute();
    return rows.map((row) => ({
      deviceId: fromHex(row.device_id),
      agreementKey: plainBytes(row.agreement_key),
      certificate: plainBytes(row.certificate),
      status: row.status === 'listed' ? 'listed' : 'pending',
      prekey: row.prekey === null ? undefined : plainBytes(row.prekey),
      tombstone: row.tombstone === null ? undefined : plainBytes(row.tombstone),
    }));
  }
}
