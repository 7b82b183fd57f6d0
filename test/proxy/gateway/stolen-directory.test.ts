import assert from 'node:assert/strict';
import { join } from 'node:path';
import { statSync, writeFileSync } from 'node:fs';
import { openSqliteDirectory } from '../../../proxy/gateway/directory/sqlite-directory.ts';
import { Database } from '../../../proxy/store/sqlite.ts';
import { temporaryFolder } from '../keystore/folder.ts';
import { holds, stolenBytes } from '../store/others.ts';
import { bytes, jid, registration } from './registrations.ts';

describe("the directory's file", () => {
  const folder = temporaryFolder();
  const path = (): string => join(folder(), 'directory.db');

  it('has no column for anything that is not public, in the tables of simpp-2 (docs/protocol.md §4)', async () => {
    await (await openSqliteDirectory(path())).close();
    const database = Database.open(path());
    const columns = (table: string) =>
      database.all(`SELECT name FROM pragma_table_info('${table}') ORDER BY name`).map((row) => row['name']);
    assert.deepEqual(columns('directory_accounts'), [
      'account_hash',
      'account_key',
      'jid',
      'list',
      'list_issued',
      'list_version',
      'registered_at',
    ]);
    assert.deepEqual(columns('directory_devices'), [
      'account_hash',
      'agreement_key',
      'certificate',
      'certificate_name',
      'device_hash',
      'device_id',
      'epoch',
      'is_proved',
      'not_after',
      'recorded_at',
      'signing_key',
      'status',
    ]);
    // All of it signed by devices, for everybody to read.
    assert.deepEqual(columns('directory_keys'), ['device_hash', 'prekey', 'prekey_issued', 'tombstone']);
    assert.deepEqual(columns('directory_one_time_keys'), ['device_hash', 'given_at', 'key_id', 'signed']);
    assert.deepEqual(columns('directory_rollovers'), ['account_hash', 'next_account_key', 'rollover']);
    assert.deepEqual(columns('directory_resets'), ['account_hash', 'can_be_stopped', 'due_at', 'expires_at']);
    database.close();
  });

  it('keeps nothing of a JID that was removed', async () => {
    const directory = await openSqliteDirectory(path());
    const first = registration();
    await directory.register(first);
    await directory.remove(jid);
    await directory.close();
    const stolen = stolenBytes(path());
    for (const value of [jid, first.accountKey, first.list, first.device.certificate]) assert.ok(!holds(stolen, value));
  });

  it('belongs to its owner alone, and to one process', async () => {
    const directory = await openSqliteDirectory(path());
    assert.equal(statSync(path()).mode & 0o777, 0o600);
    await assert.rejects(openSqliteDirectory(path()), { code: 'already-running' });
    await directory.close();
  });

  it('of a newer version, or damaged, is refused and left as it is', async () => {
    await (await openSqliteDirectory(path())).close();
    const database = Database.open(path());
    database.run("INSERT INTO directory_migration VALUES ('9999-later', '2030-01-01T00:00:00Z')");
    database.close();
    const before = stolenBytes(path());
    await assert.rejects(openSqliteDirectory(path()), { code: 'storage-failed', message: /newer SIMPP.*Update/ });
    assert.deepEqual(stolenBytes(path()), before);
    writeFileSync(path(), bytes(5000));
    await assert.rejects(openSqliteDirectory(path()), { code: 'storage-failed', message: /damaged/ });
  });
});

describe("the classic profile's table", () => {
  const folder = temporaryFolder();

  it('stores ID_A, K_A and KU_A as the paper has it, apart from the default profile', async () => {
    const directory = await openSqliteDirectory(join(folder(), 'directory.db'));
    const row = { id: jid, accountKey: bytes(57), masterKey: bytes(28) };
    assert.equal(await directory.classicAccount(jid), undefined);
    assert.equal(await directory.registerClassic(row), 'registered');
    assert.deepEqual(await directory.classicAccount(jid), row);
    assert.equal(await directory.account(jid), undefined);
    const again = { ...row, masterKey: bytes(28) };
    assert.equal(await directory.registerClassic(again), 'refreshed');
    assert.equal(await directory.registerClassic({ ...row, accountKey: bytes(57) }), 'conflict');
    assert.deepEqual(await directory.classicAccount(jid), again);
    assert.equal(await directory.removeClassic(jid), true);
    assert.equal(await directory.removeClassic(jid), false);
    await directory.close();
  });
});
