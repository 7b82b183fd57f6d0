import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { detectNodeCrypto } from '../../../proxy/crypto/provider.ts';
import { keystoreKey } from '../../../proxy/keystore/key.ts';
import { AccountStore } from '../../../proxy/store/accounts.ts';
import { readAccounts } from '../../../proxy/store/read-accounts.ts';
import { SimppError } from '../../../shared/errors.ts';
import { temporaryFolder } from '../keystore/folder.ts';

const crypto = detectNodeCrypto();
const jid = 'alice@example.test';

describe('accounts that are only looked at', () => {
  const folder = temporaryFolder();

  function fill(path: string): AccountStore {
    const store = AccountStore.open(path, keystoreKey(new Uint8Array(randomBytes(32))));
    store.add(jid);
    store.putCredentials(jid, { password: 'secret' });
    store.putDevice(jid, {
      deviceId: new Uint8Array(16).fill(7),
      signingKey: new Uint8Array(32),
      agreementKey: new Uint8Array(32),
      certificate: new Uint8Array(1),
    });
    store.putRegistration(jid, { state: 'pending', deviceList: new Uint8Array(1), listVersion: 1, stateEpoch: 1 });
    store.putLastLogin(jid, 1_795_521_863);
    return store;
  }

  const expected = {
    name: jid,
    hasPassword: true,
    state: 'pending',
    device: '07'.repeat(16),
    fingerprint: undefined,
    lastLogin: 1_795_521_863,
  };

  it('are read without the keystore, and nothing in the folder changes', () => {
    const path = join(folder(), 'proxy.db');
    fill(path).close();
    const before = readFileSync(path);
    assert.deepEqual(readAccounts(path, crypto), [expected]);
    assert.deepEqual(readdirSync(folder()), ['proxy.db']);
    assert.deepEqual(readFileSync(path), before);
  });

  it('are those of the last commit, also when a crash left the log behind', () => {
    const path = join(folder(), 'proxy.db');
    const store = fill(path);
    // As they lie on the disk while a process has them open: what a crash leaves.
    const [copy, copyLog] = [join(folder(), 'copy.db'), join(folder(), 'copy.db-wal')];
    cpSync(path, copy);
    cpSync(`${path}-wal`, copyLog);
    store.close();
    assert.deepEqual(readAccounts(copy, crypto), [expected]);
    assert.deepEqual(
      readdirSync(folder()).filter((name) => name.endsWith('-shm')),
      [],
    );
  });

  it('are those of whoever has the database open, who must be asked', () => {
    const path = join(folder(), 'proxy.db');
    const store = fill(path);
    assert.throws(() => readAccounts(path, crypto), SimppError);
    store.close();
  });

  it('are none where there is no database yet, and an error where there is something else', () => {
    assert.deepEqual(readAccounts(join(folder(), 'none.db'), crypto), []);
    const path = join(folder(), 'other.db');
    writeFileSync(path, 'not a database'.repeat(100));
    assert.throws(() => readAccounts(path, crypto), /damaged, or no SIMPP database/);
  });
});
