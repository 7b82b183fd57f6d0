import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { utf8 } from '../../../shared/bytes.ts';
import { keystoreKey } from '../../../proxy/keystore/key.ts';
import { AccountStore } from '../../../proxy/store/accounts.ts';
import { Database } from '../../../proxy/store/sqlite.ts';
import { temporaryFolder } from '../keystore/folder.ts';
import { holds, stolenBytes } from './others.ts';

const jid = 'romeo@example.test';
const keyBytes = new Uint8Array(randomBytes(32));
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

const password = 'wherefore-art-thou-9f3a';
const verifiers = utf8('verifier-bytes-71c2');
const secrets = {
  signingKey: random(32),
  recoveryEntropy: random(16),
  deviceSigningKey: random(32),
  deviceAgreementKey: random(32),
  transportKey: random(32),
  classicKey: random(28),
  masterKey: random(28),
};
const identity = {
  accountKey: random(65),
  signingKey: secrets.signingKey,
  recoveryEntropy: secrets.recoveryEntropy,
};
const device = {
  deviceId: random(16),
  signingKey: secrets.deviceSigningKey,
  agreementKey: secrets.deviceAgreementKey,
  certificate: random(200),
};
const registration = { state: 'pending', deviceList: random(300), listVersion: 3, stateEpoch: 7 } as const;

function fill(store: AccountStore): void {
  store.add(jid);
  store.putCredentials(jid, { password, verifiers });
  store.putIdentity(jid, identity);
  store.putDevice(jid, device);
  store.putRegistration(jid, registration);
  store.putClassicIdentity(jid, { privateKey: secrets.classicKey, masterKey: secrets.masterKey });
  store.putTransportKey(secrets.transportKey);
}

describe("the proxy's accounts", () => {
  const folder = temporaryFolder();
  const path = (): string => join(folder(), 'proxy.db');
  let store: AccountStore;
  beforeEach(() => {
    store = AccountStore.open(path(), keystoreKey(keyBytes));
  });
  afterEach(() => store.close());

  const reopen = (key: Uint8Array = keyBytes): AccountStore => {
    store.close();
    store = AccountStore.open(path(), keystoreKey(key));
    return store;
  };

  it('have nothing until something was put', () => {
    store.add(jid);
    assert.deepEqual(store.credentials(jid), {});
    assert.equal(store.identity(jid), undefined);
    assert.equal(store.device(jid), undefined);
    assert.equal(store.registration(jid), undefined);
    assert.equal(store.classicIdentity(jid), undefined);
    assert.equal(store.transportKey(), undefined);
  });

  it('give everything back after a restart', () => {
    fill(store);
    const again = reopen();
    assert.deepEqual(again.credentials(jid), { password, verifiers });
    assert.deepEqual(again.identity(jid), identity);
    assert.deepEqual(again.device(jid), device);
    assert.deepEqual(again.registration(jid), registration);
    assert.deepEqual(again.classicIdentity(jid), { privateKey: secrets.classicKey, masterKey: secrets.masterKey });
    assert.deepEqual(again.transportKey(), secrets.transportKey);
  });

  it('are listed by name; adding one again changes nothing', () => {
    fill(store);
    store.add('example.test');
    store.add(jid);
    assert.deepEqual(store.names(), ['example.test', jid]);
    assert.deepEqual(store.credentials(jid).password, password);
    assert.equal(store.has('example.test'), true);
    assert.equal(store.has('juliet@example.test'), false);
  });

  it('take nothing for an account that does not exist', () => {
    assert.throws(() => store.putRegistration('nobody@example.test', registration), { code: 'storage-failed' });
  });

  it('put together are put all or none', () => {
    assert.throws(() =>
      store.transaction(() => {
        fill(store);
        store.putDevice('nobody@example.test', device);
      }),
    );
    assert.deepEqual(store.names(), []);
    assert.equal(store.transportKey(), undefined);
  });

  it('when stolen hold no password and no key in clear, while public values are there', () => {
    fill(store);
    store.close();
    const stolen = stolenBytes(path());
    assert.ok(holds(stolen, device.certificate) && holds(stolen, identity.accountKey) && holds(stolen, jid));
    for (const [name, secret] of Object.entries({ ...secrets, password: utf8(password), verifiers, keyBytes })) {
      assert.ok(!holds(stolen, secret), name);
      assert.ok(!holds(stolen, Buffer.from(secret).toString('hex')), `${name} in hexadecimal`);
      assert.ok(!holds(stolen, Buffer.from(secret).toString('base64')), `${name} in base64`);
    }
  });

  it('keep nothing of what was removed or erased, not even sealed', () => {
    fill(store);
    const sealed = () => {
      store.close();
      const database = Database.open(path());
      const row = database.get('SELECT signing_key_sealed AS key FROM identities')?.['key'];
      database.close();
      return row;
    };
    const before = sealed();
    assert.ok(before instanceof Uint8Array && holds(stolenBytes(path()), before));
    reopen().putIdentity(jid, { accountKey: identity.accountKey });
    assert.deepEqual(store.identity(jid), {
      accountKey: identity.accountKey,
      signingKey: undefined,
      recoveryEntropy: undefined,
    });
    store.close();
    assert.ok(!holds(stolenBytes(path()), before));
    assert.equal(reopen().remove(jid), true);
    assert.equal(store.remove(jid), false);
    store.close();
    assert.ok(!holds(stolenBytes(path()), device.certificate) && !holds(stolenBytes(path()), jid));
  });

  it('do not open under another keystore, and are unharmed by the attempt', () => {
    fill(store);
    assert.throws(() => reopen(random(32)), { code: 'keystore-locked', message: /another keystore/ });
    assert.deepEqual(reopen().credentials(jid).password, password);
  });

  it('notice a sealed value that somebody moved to another account', () => {
    fill(store);
    store.add('mallory@example.test');
    store.putCredentials('mallory@example.test', { password: 'x' });
    store.close();
    const database = Database.open(path());
    database.run(
      "UPDATE credentials SET password_sealed = (SELECT password_sealed FROM credentials WHERE account = ?) WHERE account = 'mallory@example.test'",
      jid,
    );
    database.close();
    assert.throws(() => reopen().credentials('mallory@example.test'), { code: 'keystore-locked' });
  });

  it('refuse a database of a newer version', () => {
    store.close();
    const database = Database.open(path());
    database.script('PRAGMA user_version = 1000');
    database.close();
    assert.throws(() => reopen(), { code: 'storage-failed', message: /newer/ });
  });

  it('are held by one process', () => {
    assert.throws(() => AccountStore.open(path(), keystoreKey(keyBytes)), { code: 'already-running' });
  });
});
