import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keystoreKey } from '../../../../proxy/keystore/key.ts';
import { isRestored } from '../../../../proxy/store/endtoend/epochs.ts';
import { EndToEndStores } from '../../../../proxy/store/endtoend/stores.ts';
import { temporaryFolder } from '../../keystore/folder.ts';
import * as sample from './samples.ts';

const romeo = 'romeo@montague.test';

describe('the state epoch (docs/protocol.md §9.8)', () => {
  const folder = temporaryFolder();
  const key = keystoreKey(sample.random(32));
  const path = (): string => join(folder(), 'endtoend.db');
  const beside = (): string => join(folder(), 'endtoend.epoch');
  const copy = (): string => join(folder(), 'copy');
  const run = <T>(body: (stores: EndToEndStores) => T): T => {
    const stores = EndToEndStores.open(path(), key);
    try {
      return body(stores);
    } finally {
      stores.close();
    }
  };
  const reading = () => run((stores) => stores.account(romeo).epoch());

  it('is 0 at first, and what was raised comes back', () => {
    assert.deepEqual(reading(), { database: 0, beside: 0, isOvertaken: false });
    run((stores) => stores.account(romeo).raiseEpoch(3));
    assert.deepEqual(reading(), { database: 3, beside: 3, isOvertaken: false });
    assert.equal(isRestored(reading()), false);
    assert.equal(statSync(beside()).mode & 0o777, 0o600);
  });

  it('only goes up', () => {
    run((stores) => {
      const store = stores.account(romeo);
      store.raiseEpoch(3);
      for (const to of [2, 3, 3.5]) assert.throws(() => store.raiseEpoch(to), { code: 'internal' });
    });
  });

  it('shows a copy of the database that was put back, until it is raised', () => {
    run((stores) => stores.account(romeo).raiseEpoch(1));
    copyFileSync(path(), copy());
    run((stores) => stores.account(romeo).contacts.put(sample.contact()));
    copyFileSync(copy(), path());
    assert.equal(isRestored(reading()), true);
    assert.equal(isRestored(reading()), true, 'also after another start');
    run((stores) => stores.account(romeo).raiseEpoch(2));
    assert.equal(isRestored(reading()), false);
  });

  it('shows a copy that was made while it ran', () => {
    run((stores) => {
      stores.account(romeo).raiseEpoch(1);
      stores.account(romeo).sweep(0);
      copyFileSync(path(), copy());
    });
    copyFileSync(copy(), path());
    assert.equal(isRestored(reading()), true);
  });

  it('shows a database that comes back without what lay beside it, or with a forged one', () => {
    run((stores) => stores.account(romeo).raiseEpoch(1));
    rmSync(beside());
    assert.equal(isRestored(reading()), true);
    run((stores) => stores.account(romeo).raiseEpoch(2));
    const bytes = readFileSync(beside());
    bytes[20]! ^= 1;
    writeFileSync(beside(), bytes);
    assert.equal(isRestored(reading()), true);
  });

  it('shows a database that was lost and begun anew', () => {
    run((stores) => stores.account(romeo).raiseEpoch(4));
    rmSync(path());
    const now = reading();
    assert.deepEqual(now, { database: 0, beside: 4, isOvertaken: false });
    assert.equal(isRestored(now), true);
  });

  it('is raised together with the loss of sessions and keys, while trust and words stay', () => {
    run((stores) => {
      const store = stores.account(romeo);
      const [session, message] = [sample.session('aa'), sample.message('stays')];
      store.sessions.put(session);
      store.skippedKeys.put([sample.skippedKey(session.sessionId, 1)]);
      store.ownKeys.putPrekey(sample.prekey(1));
      store.ownKeys.putOneTimes([sample.oneTime(1)]);
      store.contacts.put(sample.contact());
      store.archive.put(message);
      store.raiseEpoch(1);
      assert.equal(store.sessions.get(session.sessionId), undefined);
      assert.equal(store.skippedKeys.count(session.sessionId), 0);
      assert.deepEqual([...store.ownKeys.prekeys(), ...store.ownKeys.oneTimes()], []);
      assert.equal(store.contacts.get(sample.juliet)?.trust, 'verified');
      assert.deepEqual(store.archive.get(message.digest), message);
    });
  });

  it('that was raised beside the database only makes it count as restored', () => {
    run((stores) => stores.account(romeo).raiseEpoch(1));
    const stores = EndToEndStores.open(path(), key, {
      reached: (point) => {
        if (point === 'epoch.beside-before-database') throw new Error('power loss');
      },
    });
    assert.throws(() => stores.account(romeo).raiseEpoch(2), /power loss/);
    stores.close();
    assert.deepEqual(reading(), { database: 1, beside: 2, isOvertaken: false });
    assert.equal(isRestored(reading()), true);
  });

  it('of an account that was removed is forgotten', () => {
    run((stores) => {
      stores.account(romeo).raiseEpoch(5);
      stores.remove(romeo);
    });
    assert.deepEqual(reading(), { database: 0, beside: 0, isOvertaken: false });
  });
});
