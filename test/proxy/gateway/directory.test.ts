import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { DirectoryStore, Registration } from '../../../proxy/gateway/directory/directory.ts';
import { openSqliteDirectory } from '../../../proxy/gateway/directory/sqlite-directory.ts';
import { temporaryFolder } from '../keystore/folder.ts';
import { bytes, jid, registration, secondDevice } from './registrations.ts';

describe("the gateway's directory", () => {
  const folder = temporaryFolder();
  let directory: DirectoryStore;
  beforeEach(async () => {
    directory = await openSqliteDirectory(join(folder(), 'directory.db'));
  });
  afterEach(() => directory.close());

  const status = async ({ device }: Registration) =>
    (await directory.deviceByAgreementKey(device.agreementKey))?.status;

  it('knows nobody at first', async () => {
    assert.equal(await directory.account(jid), undefined);
    assert.equal(await directory.deviceByAgreementKey(bytes(65)), undefined);
    assert.deepEqual(await directory.devices(jid), []);
    assert.equal(await directory.countAccounts(), 0);
    assert.equal(await directory.remove(jid), false);
    assert.equal(await directory.revoke(jid, bytes(16)), false);
  });

  it('gives back what was registered, also after a restart', async () => {
    const first = registration({ device: { epoch: 5 } });
    assert.equal(await directory.register(first), 'registered');
    await directory.close();
    directory = await openSqliteDirectory(join(folder(), 'directory.db'));
    const { accountKey, listVersion, listIssued, list, device } = first;
    assert.deepEqual(await directory.account(jid), { jid, accountKey, listVersion, listIssued, list });
    const row = { jid, ...device, status: 'listed' };
    assert.deepEqual(await directory.deviceByAgreementKey(device.agreementKey), row);
    assert.deepEqual(await directory.devices(jid), [row]);
    assert.equal(await directory.countAccounts(), 1);
  });

  it('tells JIDs apart that differ in case or accents only', async () => {
    for (const name of ['jose@example.test', 'josé@example.test', 'Jose@example.test']) {
      assert.equal(await directory.register(registration({ jid: name })), 'registered');
    }
    assert.equal(await directory.countAccounts(), 3);
    assert.equal((await directory.account('josé@example.test'))?.jid, 'josé@example.test');
  });

  it('takes the same registration again, as after a lost answer', async () => {
    const first = registration();
    await directory.register(first);
    assert.equal(await directory.register(first), 'refreshed');
    assert.equal((await directory.devices(jid)).length, 1);
  });

  describe('for a JID that is taken', () => {
    let first: Registration;
    beforeEach(async () => {
      first = registration({ listVersion: 2 });
      await directory.register(first);
    });

    it('keeps a device under another account key pending, and changes nothing else', async () => {
      const before = await directory.account(jid);
      const stranger = registration({ listVersion: 99 });
      assert.equal(await directory.register(stranger), 'pending');
      assert.equal(await status(stranger), 'pending');
      assert.equal(await status(first), 'listed');
      assert.deepEqual(await directory.account(jid), before);
    });

    it('does not let a stranger displace a device by taking its id, or by presenting its key', async () => {
      const sameId = registration({ listVersion: 99, device: { deviceId: first.device.deviceId } });
      assert.equal(await directory.register(sameId), 'pending');
      const sameKey = registration({ listVersion: 99, device: { agreementKey: first.device.agreementKey } });
      assert.equal(await directory.register(sameKey), 'pending');
      const row = await directory.deviceByAgreementKey(first.device.agreementKey);
      assert.deepEqual(row, { jid, ...first.device, status: 'listed' });
    });

    it('lists a second device when the same account key brings a newer list', async () => {
      const second = secondDevice(first, 3);
      assert.equal(await directory.register(second), 'refreshed');
      assert.equal(await status(second), 'listed');
      assert.equal(await status(first), 'listed');
      assert.equal((await directory.account(jid))?.listVersion, 3);
      assert.deepEqual((await directory.account(jid))?.list, second.list);
    });

    it('lists a second device that comes with the very list that is stored', async () => {
      const second = secondDevice(first, 2, { list: first.list });
      assert.equal(await directory.register(second), 'refreshed');
      assert.equal(await status(second), 'listed');
    });

    it('keeps a device with an older list, or another list of the same version, pending', async () => {
      for (const version of [1, 2]) {
        const second = secondDevice(first, version);
        assert.equal(await directory.register(second), 'pending');
        assert.equal(await status(second), 'pending');
      }
      assert.deepEqual((await directory.account(jid))?.list, first.list);
    });

    it('does not demote a listed device that comes with an old list', async () => {
      await directory.register(secondDevice(first, 3));
      assert.equal(await directory.register(first), 'refreshed');
      assert.equal(await status(first), 'listed');
      assert.equal((await directory.account(jid))?.listVersion, 3);
    });

    it('lists a pending device once a newer list of the account has it', async () => {
      const stranger = registration();
      await directory.register(stranger);
      const approved = secondDevice(first, 3, { device: stranger.device });
      assert.equal(await directory.register(approved), 'refreshed');
      assert.equal(await status(stranger), 'listed');
    });

    it('replaces the keys of a device that comes back with new ones in a newer list', async () => {
      const renewed = secondDevice(first, 3, { device: { deviceId: first.device.deviceId } });
      assert.equal(await directory.register(renewed), 'refreshed');
      assert.equal(await status(first), undefined);
      assert.deepEqual((await directory.devices(jid)).length, 1);
    });

    it('revokes a device that a newer list no longer names, and no other', async () => {
      const phone = secondDevice(first, 3);
      const tablet = secondDevice(phone, 4);
      for (const each of [phone, tablet]) await directory.register(each);
      const stranger = registration();
      await directory.register(stranger);
      const onlyTablet = { ...tablet, listVersion: 5, certificateNames: [tablet.device.certificateName] };
      assert.equal(await directory.register(onlyTablet), 'refreshed');
      assert.deepEqual(
        [await status(first), await status(phone), await status(tablet), await status(stranger)],
        ['revoked', 'revoked', 'listed', 'pending'],
      );
      assert.equal(await directory.register(first), 'pending', 'what it once had in hand brings it back to nothing');
      assert.equal(await status(first), 'revoked');
    });

    it('lists a device again whose renewed certificate the newer list names', async () => {
      const renewed = { ...first.device, certificate: bytes(200), certificateName: bytes(32), notAfter: 2_000_000_000 };
      const again = { ...first, listVersion: 3, certificateNames: [renewed.certificateName], device: renewed };
      assert.equal(await directory.register(again), 'refreshed');
      assert.deepEqual(await directory.devices(jid), [{ jid, ...renewed, status: 'listed' }]);
    });

    it('keeps the ten newest pending devices', async () => {
      const strangers = Array.from({ length: 14 }, (_, n) => registration({ at: first.at + n }));
      for (const stranger of strangers) await directory.register(stranger);
      const kept = (await directory.devices(jid)).filter((device) => device.status === 'pending');
      assert.deepEqual(
        kept.map((device) => device.deviceId),
        strangers.slice(4).map(({ device }) => device.deviceId),
      );
      assert.equal(await status(first), 'listed');
    });

    it('keeps the one that came last when many come in the same second', async () => {
      for (let n = 0; n < 20; n++) {
        const stranger = registration({ at: first.at });
        await directory.register(stranger);
        assert.equal(await status(stranger), 'pending');
      }
      assert.equal((await directory.devices(jid)).length, 11);
    });

    it('refuses a device whose key belongs to another JID', async () => {
      const thief = registration({ jid: 'mallory@example.test', device: first.device });
      await assert.rejects(directory.register(thief), { code: 'gateway-refused' });
      assert.equal(await directory.account('mallory@example.test'), undefined);
    });

    it('keeps a revoked device revoked until a newer list has it again', async () => {
      assert.equal(await directory.revoke(jid, first.device.deviceId), true);
      assert.equal(await status(first), 'revoked');
      assert.equal(await directory.revoke(jid, first.device.deviceId), false);
      assert.equal(await directory.register(first), 'pending');
      assert.equal(await directory.register(registration({ device: first.device })), 'pending');
      assert.equal(await status(first), 'revoked');
      assert.equal(await directory.register({ ...first, listVersion: 3 }), 'refreshed');
      assert.equal(await status(first), 'listed');
    });

    it('drops a pending device that is revoked', async () => {
      const stranger = registration();
      await directory.register(stranger);
      assert.equal(await directory.revoke(jid, stranger.device.deviceId), true);
      assert.equal(await status(stranger), undefined);
    });

    it('moves the state epoch of a device only forward', async () => {
      const epoch = async () => (await directory.deviceByAgreementKey(first.device.agreementKey))?.epoch;
      await directory.touch(first.device.agreementKey, 4);
      await directory.touch(first.device.agreementKey, 3);
      await directory.touch(bytes(65), 9);
      assert.equal(await epoch(), 4);
      await directory.register(first);
      assert.equal(await epoch(), 4);
    });

    it('is free again after its removal, with all its devices gone', async () => {
      const stranger = registration();
      await directory.register(stranger);
      assert.equal(await directory.remove(jid), true);
      assert.equal(await status(first), undefined);
      assert.equal(await status(stranger), undefined);
      assert.equal(await directory.register(stranger), 'registered');
    });
  });
});
