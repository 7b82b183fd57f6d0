// Who may log in by what the directory says, and what a login changes in it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { identity, identityStatuses } from '../../../shared/simpp/control.ts';
import { clockToleranceSeconds } from '../../../shared/simpp/certificate.ts';
import { settleClaim, type NamedClaim } from '../../../proxy/gateway/admission.ts';
import type { DirectoryStore, Registration } from '../../../proxy/gateway/directory/directory.ts';
import { openSqliteDirectory } from '../../../proxy/gateway/directory/sqlite-directory.ts';
import { directoryLookUps } from '../../../proxy/gateway/look-ups.ts';
import { temporaryFolder } from '../keystore/folder.ts';
import { bytes, jid, registration, secondDevice } from './registrations.ts';

const now = 1_800_000_000;

describe('the devices that may log in', () => {
  const folder = temporaryFolder();
  let directory: DirectoryStore;
  beforeEach(async () => {
    directory = await openSqliteDirectory(join(folder(), 'directory.db'));
  });
  afterEach(() => directory.close());

  const mayLogIn = async ({ device }: Registration, at = now): Promise<boolean> =>
    (await directoryLookUps({ directory, now: () => at }).findDevice(device.agreementKey)) !== undefined;
  const loginOf = ({ device }: Registration, stateEpoch = 1): NamedClaim => ({
    kind: 'login',
    jid,
    deviceId: device.deviceId,
    kuDd: device.agreementKey,
    stateEpoch,
  });
  const settle = async (claim: NamedClaim) =>
    identity.decode((await settleClaim({ directory, now: () => now }, claim, { by: 'bind' }))!);

  it('are those of the newest list, and pending ones', async () => {
    const laptop = registration();
    const phone = secondDevice(laptop, 2, {});
    await directory.register(laptop);
    assert.equal(await mayLogIn(laptop), true);
    await directory.register({ ...phone, certificateNames: [phone.device.certificateName] });
    assert.deepEqual([await mayLogIn(laptop), await mayLogIn(phone)], [false, true]);
    const stranger = registration();
    await directory.register(stranger);
    assert.equal(await mayLogIn(stranger), true);
  });

  it('are those whose certificate is valid, give or take 48 hours', async () => {
    const device = registration({ device: { notAfter: now } });
    await directory.register(device);
    assert.equal(await mayLogIn(device, now + clockToleranceSeconds), true);
    assert.equal(await mayLogIn(device, now + clockToleranceSeconds + 1), false);
  });

  it('are told apart by their keys, since a stranger may take the id of a listed one', async () => {
    const phone = registration();
    const thief = registration({ device: { deviceId: phone.device.deviceId } });
    await directory.register(phone);
    await directory.register(thief);
    const word = await settle(loginOf(thief, 2 ** 52));
    assert.equal(identityStatuses[word.status], 'pending');
    assert.equal((await directory.deviceByAgreementKey(phone.device.agreementKey))?.epoch, 0);
    assert.equal(identityStatuses[(await settle(loginOf(phone, 7))).status], 'known');
    assert.equal((await directory.deviceByAgreementKey(phone.device.agreementKey))?.epoch, 7);
  });

  it('are not those that were revoked or removed while they logged in', async () => {
    const device = registration();
    await directory.register(device);
    await directory.revoke(jid, device.device.deviceId);
    await assert.rejects(settle(loginOf(device)), { code: 'gateway-refused' });
    await directory.remove(jid);
    await assert.rejects(settle(loginOf(device)), { code: 'gateway-refused' });
  });

  it('are none of the classic profile for a JID that is registered in simpp-2, also later', async () => {
    const lookUps = directoryLookUps({ directory, now: () => now });
    const account = { idA: jid, kuA: bytes(57), kA: bytes(28) };
    assert.equal(await lookUps.storeAccount(account), true);
    assert.deepEqual(await lookUps.findAccount(jid), account);
    await directory.register(registration());
    assert.equal(await lookUps.findAccount(jid), undefined);
    assert.equal(await lookUps.storeAccount(account), false);
  });
});
