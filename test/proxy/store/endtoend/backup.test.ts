import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { keystoreKey } from '../../../../proxy/keystore/key.ts';
import { AccountStore } from '../../../../proxy/store/accounts.ts';
import { exportAccount, importAccount } from '../../../../proxy/store/endtoend/backup.ts';
import { isRestored } from '../../../../proxy/store/endtoend/epochs.ts';
import { EndToEndStores } from '../../../../proxy/store/endtoend/stores.ts';
import { temporaryFolder } from '../../keystore/folder.ts';
import * as sample from './samples.ts';

const romeo = 'romeo@montague.test';
const passphrase = 'parting is such sweet sorrow';
const cheap = { n: 2 ** 10, r: 8, p: 1 };

interface Machine {
  readonly accounts: AccountStore;
  readonly stores: EndToEndStores;
}

const identity = { accountKey: sample.random(65), signingKey: sample.random(32), recoveryEntropy: sample.random(16) };
const device = {
  deviceId: sample.random(16),
  signingKey: sample.random(32),
  agreementKey: sample.random(32),
  certificate: sample.random(200),
};
const registration = { state: 'registered', deviceList: sample.random(300), listVersion: 3, stateEpoch: 7 } as const;

describe('a backup of an account', () => {
  const machines: Machine[] = [];
  afterEach(() => {
    for (const { accounts, stores } of machines.splice(0)) {
      accounts.close();
      stores.close();
    }
  });
  const folder = temporaryFolder();

  /** Each with a keystore of its own. */
  function machine(name: string): Machine {
    const key = keystoreKey(sample.random(32));
    mkdirSync(join(folder(), name));
    const made = {
      accounts: AccountStore.open(join(folder(), name, 'proxy.db'), key),
      stores: EndToEndStores.open(join(folder(), name, 'endtoend.db'), key),
    };
    machines.push(made);
    return made;
  }

  function romeos(name: string): Machine {
    const made = machine(name);
    made.accounts.add(romeo);
    made.accounts.putIdentity(romeo, identity);
    made.accounts.putDevice(romeo, device);
    made.accounts.putRegistration(romeo, registration);
    return made;
  }

  async function backup({ accounts, stores }: Machine): Promise<Uint8Array> {
    return exportAccount(accounts, stores.account(romeo), passphrase, cheap);
  }

  it('brings identity, trust, policies, archive and outbox to another machine, and no session', async () => {
    const old = romeos('old');
    const store = old.stores.account(romeo);
    store.raiseEpoch(2);
    const [contact, contactDevice] = [sample.contact(), sample.device()];
    const messages = [sample.message('one', 1), sample.message('two', 2)];
    store.contacts.put(contact);
    store.contacts.putDevice(contactDevice);
    for (const message of messages) store.archive.put(message);
    const session = sample.session(contactDevice.deviceId);
    store.sessions.put(session);
    store.skippedKeys.put([sample.skippedKey(session.sessionId, 1)]);
    store.ownKeys.putPrekey(sample.prekey(1));
    store.ownKeys.putOneTimes([sample.oneTime(1)]);
    store.outbox.add(sample.unsent('unsent'));
    store.settings.put('policy', 'require');
    store.settings.put('retention', 90);

    const next = machine('new');
    const restored = await importAccount(await backup(old), passphrase, next.accounts, next.stores);
    assert.deepEqual(restored, { jid: romeo, contacts: 1, messages: 2, unsent: 1 });
    assert.deepEqual(next.accounts.identity(romeo), identity);
    assert.deepEqual(next.accounts.device(romeo), device);
    assert.deepEqual(next.accounts.registration(romeo), { ...registration, stateEpoch: 8 });
    const there = next.stores.account(romeo);
    assert.deepEqual(there.contacts.all(), [contact]);
    assert.deepEqual(there.contacts.devices(contact.jid), [contactDevice]);
    assert.deepEqual(there.archive.latest(contact.jid, 5), messages.toReversed());
    assert.equal(there.outbox.all()[0]?.text, 'unsent');
    assert.equal(there.settings.get('policy'), 'require');
    assert.equal(there.settings.get('retention'), 90);
    assert.equal(there.sessions.get(session.sessionId), undefined);
    assert.equal(there.skippedKeys.count(session.sessionId), 0);
    assert.deepEqual([...there.ownKeys.prekeys(), ...there.ownKeys.oneTimes()], []);
    // Above all that the old machine has shown to anybody.
    assert.deepEqual(there.epoch(), { database: 8, beside: 8, isOvertaken: false });
    assert.equal(isRestored(there.epoch()), false);
  });

  it('is refused where the account has keys, and then changes nothing', async () => {
    const old = romeos('old');
    const bytes = await backup(old);
    old.stores.account(romeo).settings.put('policy', 'off');
    await assert.rejects(importAccount(bytes, passphrase, old.accounts, old.stores), {
      code: 'usage',
      message: /has keys on this machine already/,
    });
    assert.equal(old.stores.account(romeo).settings.get('policy'), 'off');
  });

  it('replaces what an import that broke off has left', async () => {
    const bytes = await backup(romeos('old'));
    const next = machine('new');
    next.stores.account(romeo).contacts.put(sample.contact('half@way.test'));
    await importAccount(bytes, passphrase, next.accounts, next.stores);
    assert.deepEqual(next.stores.account(romeo).contacts.all(), []);
  });

  it('is not made of an account without keys', async () => {
    const { accounts, stores } = machine('empty');
    await assert.rejects(exportAccount(accounts, stores.account(romeo), passphrase, cheap), { code: 'usage' });
  });

  it('tells a wrong passphrase and damage apart, and lets nothing half-read through', async () => {
    const old = romeos('old');
    const bytes = await backup(old);
    const next = machine('new');
    const attempt = (changed: Uint8Array, words = passphrase): Promise<unknown> =>
      importAccount(changed, words, next.accounts, next.stores);
    const flipped = (at: number): Uint8Array => {
      const copy = bytes.slice();
      copy[at < 0 ? copy.length + at : at]! ^= 1;
      return copy;
    };
    await assert.rejects(attempt(bytes, 'sweet sorrow'), {
      code: 'keystore-locked',
      message: /not that of this backup/,
    });
    await assert.rejects(attempt(flipped(-1)), { code: 'storage-failed', message: /passphrase is right.*damaged/ });
    await assert.rejects(attempt(flipped(150)), { code: 'storage-failed', message: /passphrase is right.*damaged/ });
    await assert.rejects(attempt(bytes.slice(0, -1)), { code: 'storage-failed', message: /damaged/ });
    await assert.rejects(attempt(bytes.slice(0, 50)), { code: 'storage-failed', message: /only the beginning/ });
    await assert.rejects(attempt(flipped(0)), { code: 'storage-failed', message: /no backup/ });
    await assert.rejects(attempt(flipped(12)), { code: 'storage-failed', message: /newer version/ });
    // N, r, p, salt, wrapped key: each bit is authenticated, and asks for no gigabytes first.
    for (const at of [13, 16, 20, 24, 30, 45, 100]) {
      await assert.rejects(attempt(flipped(at)), { code: 'keystore-locked' }, `byte ${at}`);
    }
    assert.deepEqual(next.accounts.names(), []);
    assert.deepEqual(next.stores.names(), []);
  });

  it('shows nothing of what is in it', async () => {
    const old = romeos('old');
    old.stores.account(romeo).archive.put(sample.message('wherefore art thou'));
    const bytes = Buffer.from(await backup(old));
    for (const secret of [identity.signingKey, identity.accountKey, device.agreementKey, romeo, 'wherefore']) {
      assert.ok(!bytes.includes(typeof secret === 'string' ? secret : Buffer.from(secret)));
    }
  });
});
