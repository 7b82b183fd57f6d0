import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Kysely } from 'kysely';
import { toHex } from '../../../shared/bytes.ts';
import { KyselyDirectory } from '../../../proxy/gateway/directory/kysely-directory.ts';
import { migrateDirectory, type DirectoryTables } from '../../../proxy/gateway/directory/schema.ts';
import { openSqliteDirectory } from '../../../proxy/gateway/directory/sqlite-directory.ts';
import { nodeSqliteDialect } from '../../../proxy/store/kysely-sqlite.ts';
import { Database } from '../../../proxy/store/sqlite.ts';
import { temporaryFolder } from '../keystore/folder.ts';
import { bytes, jid, registration, secondDevice } from './registrations.ts';

const oneTimeKeys = (count: number, from = 1) =>
  Array.from({ length: count }, (_, at) => ({ id: from + at, signed: bytes(40) }));

describe('the published keys in the database', () => {
  const folder = temporaryFolder();

  it('are given out once each by two directories that share it', async () => {
    const database = Database.open(join(folder(), 'shared.db'));
    const db = new Kysely<DirectoryTables>({ dialect: nodeSqliteDialect(database) });
    await migrateDirectory(db, 'sqlite');
    const gateways = [new KyselyDirectory(db), new KyselyDirectory(db)];
    const first = registration();
    await gateways[0]!.register(first);
    const { agreementKey } = first.device;
    const keys = oneTimeKeys(100);
    assert.deepEqual(await gateways[0]!.keys.addOneTimeKeys(agreementKey, keys), { outcome: 'taken', left: 100 });
    const taken = await Promise.all(
      Array.from({ length: 150 }, (_, at) => gateways[at % 2]!.keys.takeOneTimeKey(agreementKey, 1)),
    );
    const given = taken.filter((key) => key !== undefined).map(toHex);
    assert.equal(new Set(given).size, given.length);
    assert.deepEqual(given.toSorted(), keys.map(({ signed }) => toHex(signed)).toSorted());
    await db.destroy();
  });

  it('never exceed a hundred when many messages bring them at once', async () => {
    const directory = await openSqliteDirectory(join(folder(), 'many.db'));
    const first = registration();
    await directory.register(first);
    const { agreementKey } = first.device;
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, at) => directory.keys.addOneTimeKeys(agreementKey, oneTimeKeys(32, 1 + 32 * at))),
    );
    assert.equal(results.filter(({ outcome }) => outcome === 'taken').length, 3);
    assert.equal(results.filter(({ outcome }) => outcome === 'too-many').length, 7);
    await directory.close();
  });

  it('belong to whom has shown the device’s key, not to who first certified it', async () => {
    const directory = await openSqliteDirectory(join(folder(), 'squat.db'));
    const mallory = registration({ jid: 'mallory@example.test' });
    await directory.register(mallory);
    const victim = registration();
    const { deviceId, signingKey, agreementKey } = victim.device;
    const squat = {
      deviceId,
      signingKey,
      agreementKey,
      certificate: bytes(50),
      certificateName: bytes(32),
      notAfter: 1,
    };
    const { outcome } = await directory.keys.publish({
      jid: mallory.jid,
      agreementKey: mallory.device.agreementKey,
      list: {
        ...mallory,
        listVersion: 2,
        certificateNames: [mallory.device.certificateName, squat.certificateName],
        devices: [squat],
      },
      rollover: undefined,
      prekey: undefined,
      tombstone: undefined,
      at: 1,
    });
    assert.equal(outcome, 'taken');
    assert.equal(await directory.register(victim), 'registered');
    assert.equal((await directory.deviceByAgreementKey(agreementKey))?.jid, jid);
    await directory.close();
  });

  it('come to a database of the version before, whose devices stay as they are', async () => {
    const path = join(folder(), 'old.db');
    const directory = await openSqliteDirectory(path);
    const first = registration();
    await directory.register(first);
    await directory.close();
    const database = Database.open(path);
    for (const table of ['directory_resets', 'directory_rollovers', 'directory_one_time_keys', 'directory_keys']) {
      database.script(`drop table ${table}`);
    }
    database.script('alter table directory_devices drop column is_proved');
    database.script("delete from directory_migration where name = '0002-published-keys'");
    database.close();
    const updated = await openSqliteDirectory(path);
    assert.equal(await updated.register(secondDevice(first, 2)), 'refreshed');
    assert.equal((await updated.keys.entry(jid))?.devices.length, 2);
    await updated.close();
  });

  it('go with their account', async () => {
    const directory = await openSqliteDirectory(join(folder(), 'gone.db'));
    const first = registration();
    await directory.register(first);
    const { agreementKey } = first.device;
    await directory.keys.addOneTimeKeys(agreementKey, oneTimeKeys(3));
    await directory.remove(jid);
    assert.equal(await directory.keys.entry(jid), undefined);
    assert.equal(await directory.keys.takeOneTimeKey(agreementKey, 1), undefined);
    await directory.close();
  });
});
