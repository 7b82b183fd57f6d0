import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { LastLogins } from '../../../proxy/client/last-logins.ts';
import { detectNodeCrypto } from '../../../proxy/crypto/provider.ts';
import { keystoreKey } from '../../../proxy/keystore/key.ts';
import { AccountStore } from '../../../proxy/store/accounts.ts';
import { temporaryFolder } from '../keystore/folder.ts';

describe('the last login of an account', () => {
  const folder = temporaryFolder();

  it('is remembered under its bare JID when it is time to write, the latest of several', () => {
    const store = AccountStore.open(join(folder(), 'proxy.db'), keystoreKey(new Uint8Array(randomBytes(32))));
    store.add('alice@example.test');
    let now = 100;
    const logins = new LastLogins(store, () => now);
    const stored = (): unknown => store.facts(detectNodeCrypto()).map(({ name, lastLogin }) => [name, lastLogin]);
    logins.record('alice@example.test/phone');
    now = 200;
    logins.record('Alice@example.test/desk');
    logins.record('stranger@example.test/x');
    logins.record(undefined);
    assert.deepEqual(stored(), [['alice@example.test', undefined]]);
    logins.flush();
    assert.deepEqual(stored(), [['alice@example.test', 200]]);
    store.close();
    // A database that is gone costs a date, not a login.
    logins.record('alice@example.test/phone');
    logins.flush();
  });
});
