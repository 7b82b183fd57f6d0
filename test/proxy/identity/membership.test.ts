// Devices that join and leave an account.

import assert from 'node:assert/strict';
import { openListedDevice } from '../../../shared/simpp/certificate.ts';
import { systemEntropy } from '../../../shared/simpp/entropy.ts';
import { deviceListBody, signedObject, type DeviceListBody } from '../../../shared/simpp/messages.ts';
import { detectNodeCrypto } from '../../../proxy/crypto/provider.ts';
import { newIdentity, type AccountIdentity } from '../../../proxy/identity/account-identity.ts';
import { addDevice, adopted, recovered, removeDevice } from '../../../proxy/identity/membership.ts';
import { quickScrypt } from './quick-scrypt.ts';

const crypto = detectNodeCrypto();
const jid = 'alice@example.test';
const now = 1_800_000_000;

const fresh = async (name = jid): Promise<AccountIdentity> =>
  (await newIdentity(name, { crypto, entropy: systemEntropy(crypto), now: () => now, scrypt: quickScrypt })).identity;

const claimOf = ({ deviceId, signing, agreement }: AccountIdentity) => ({
  deviceId,
  kuDs: signing.publicKey.bytes,
  kuDd: agreement.publicKey.bytes,
});

const listOf = ({ deviceList }: AccountIdentity): DeviceListBody =>
  deviceListBody.decode(signedObject.decode(deviceList).body);

describe('membership of devices', () => {
  it('a device that was added finds itself in the list and belongs, without KR_A (protocol.md §3)', async () => {
    const [owner, guest] = [await fresh(), await fresh()];
    const change = addDevice(owner, claimOf(guest), crypto, now);
    assert.equal(change.identity.listVersion, 2);
    const member = adopted(
      guest,
      { kuA: owner.kuA, certificate: change.added[0]!, list: change.identity.deviceList },
      crypto,
      now,
    );
    assert.ok(member);
    assert.deepEqual(member.kuA, owner.kuA);
    assert.equal(member.krA, undefined);
    assert.equal(member.state, 'registered');
    assert.equal(member.listVersion, 2);
    const both = openListedDevice(crypto, owner.krA!.publicKey, owner.certificate, change.identity.deviceList, now);
    assert.equal(both.list.certificates.length, 2);
  });

  it('nobody takes a place that was certified for other keys or another address', async () => {
    const [owner, guest, other] = [await fresh(), await fresh(), await fresh()];
    const { added, identity } = addDevice(owner, claimOf(guest), crypto, now);
    const found = { kuA: owner.kuA, certificate: added[0]!, list: identity.deviceList };
    assert.equal(adopted(other, found, crypto, now), undefined);
    assert.equal(adopted({ ...guest, jid: 'mallory@example.test' }, found, crypto, now), undefined);
    assert.equal(adopted(guest, { ...found, kuA: other.kuA }, crypto, now), undefined);
    assert.equal(adopted(guest, { ...found, list: owner.deviceList }, crypto, now), undefined);
  });

  it('a removed device is in no later list, and needs KR_A to be removed', async () => {
    const [owner, guest] = [await fresh(), await fresh()];
    const { identity, added } = addDevice(owner, claimOf(guest), crypto, now);
    const without = removeDevice(identity, added[0]!, crypto, now);
    assert.equal(listOf(without).version, 3);
    assert.equal(listOf(without).certificates.length, 1);
    assert.throws(() => openListedDevice(crypto, owner.krA!.publicKey, added[0]!, without.deviceList, now));
    assert.throws(() => removeDevice({ ...identity, krA: undefined }, added[0]!, crypto, now), { code: 'key-missing' });
  });

  it('the recovery phrase lists this device beside the others', async () => {
    const [owner, second] = [await fresh(), await fresh()];
    const { identity, added } = recovered(second, owner.krA!, listOf(owner), crypto, now);
    assert.equal(identity.listVersion, 2);
    assert.equal(listOf(identity).certificates.length, 2);
    const opened = openListedDevice(crypto, owner.krA!.publicKey, added[0]!, identity.deviceList, now);
    assert.deepEqual(opened.certificate.kuDd, second.agreement.publicKey.bytes);
  });
});
