import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { DirectoryStore, RegistrationResult } from '../../../proxy/gateway/directory/directory.ts';
import { openSqliteDirectory } from '../../../proxy/gateway/directory/sqlite-directory.ts';
import { temporaryFolder } from '../keystore/folder.ts';
import { jid, registration, secondDevice } from './registrations.ts';

const count = (results: readonly RegistrationResult[], wanted: RegistrationResult): number =>
  results.filter((result) => result === wanted).length;

describe('registrations at the same time', () => {
  const folder = temporaryFolder();
  let directory: DirectoryStore;
  beforeEach(async () => {
    directory = await openSqliteDirectory(join(folder(), 'directory.db'));
  });
  afterEach(() => directory.close());

  it('of one JID under fifty keys: exactly one gets it, the others wait', async function () {
    this.timeout(20_000);
    const all = Array.from({ length: 50 }, () => registration());
    const results = await Promise.all(all.map((each) => directory.register(each)));
    assert.equal(count(results, 'registered'), 1);
    assert.equal(count(results, 'pending'), 49);
    const winner = all[results.indexOf('registered')]!;
    assert.deepEqual((await directory.account(jid))?.accountKey, winner.accountKey);
    const devices = await directory.devices(jid);
    assert.deepEqual(
      devices.filter((device) => device.status === 'listed').map((device) => device.agreementKey),
      [winner.device.agreementKey],
    );
    assert.equal(devices.length, 11);
  });

  it('of many devices of one account: the newest list stands, whatever the order', async function () {
    this.timeout(20_000);
    const first = registration();
    await directory.register(first);
    const versions = [5, 3, 9, 2, 7, 4, 8, 6];
    await Promise.all(versions.map((version) => directory.register(secondDevice(first, version))));
    assert.equal((await directory.account(jid))?.listVersion, 9);
  });

  it('and a removal: the JID is whole or not there', async function () {
    this.timeout(20_000);
    for (let round = 0; round < 10; round++) {
      await Promise.all([
        directory.register(registration()),
        directory.remove(jid),
        directory.register(registration()),
      ]);
      const account = await directory.account(jid);
      const devices = await directory.devices(jid);
      const listed = devices.filter((device) => device.status === 'listed').length;
      assert.equal(listed, account === undefined ? 0 : 1);
      await directory.remove(jid);
    }
  });
});
