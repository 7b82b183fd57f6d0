import assert from 'node:assert/strict';
import { join } from 'node:path';
import { keystoreKey } from '../../../../proxy/keystore/key.ts';
import { EndToEndStores } from '../../../../proxy/store/endtoend/stores.ts';
import type { EndToEndStore } from '../../../../proxy/store/endtoend/store.ts';
import { Database } from '../../../../proxy/store/sqlite.ts';
import { temporaryFolder } from '../../keystore/folder.ts';
import { holds, stolenBytes } from '../others.ts';
import * as sample from './samples.ts';

const romeo = 'romeo@montague.test';
const dayMs = 24 * 3600 * 1000;

describe('what is kept of end-to-end encryption (docs/protocol.md §9.8)', () => {
  let stores: EndToEndStores;
  afterEach(() => stores.close()); // before the folder goes
  const folder = temporaryFolder();
  const keyBytes = sample.random(32);
  const path = (): string => join(folder(), 'endtoend.db');
  let store: EndToEndStore;
  const reopen = (): void => {
    stores.close();
    stores = EndToEndStores.open(path(), keystoreKey(keyBytes));
    store = stores.account(romeo);
  };
  beforeEach(() => {
    stores = EndToEndStores.open(path(), keystoreKey(keyBytes));
    store = stores.account(romeo);
  });

  it('comes back after a restart, every field', () => {
    const contact = sample.contact();
    const device = sample.device();
    const session = sample.session(device.deviceId);
    const skipped = sample.skippedKey(session.sessionId, 3);
    const prekey = sample.prekey(2 ** 53 - 1);
    const oneTime = sample.oneTime(12);
    const message = sample.message('But soft!');
    store.contacts.put(contact);
    store.contacts.putDevice(device);
    store.sessions.put(session);
    store.skippedKeys.put([skipped]);
    store.ownKeys.putPrekey(prekey);
    store.ownKeys.putOneTimes([oneTime]);
    store.archive.put(message);
    const unsent = store.outbox.add(sample.unsent('What light'));
    store.settings.put('policy', 'off');
    store.settings.put('annotate', 'none');
    store.settings.put('trustPolicy', 'manual');
    store.settings.put('retention', 30);
    reopen();
    assert.deepEqual(store.contacts.get(contact.jid), contact);
    assert.deepEqual(store.contacts.all(), [contact]);
    assert.deepEqual(store.contacts.device(contact.jid, device.deviceId), device);
    assert.deepEqual(store.contacts.devices(contact.jid), [device]);
    assert.deepEqual(store.sessions.get(session.sessionId), session);
    assert.deepEqual(store.sessions.live(contact.jid, device.deviceId), [session]);
    assert.deepEqual(store.skippedKeys.get(session.sessionId, skipped.dh, 3), skipped);
    assert.deepEqual(store.ownKeys.prekey(prekey.id), prekey);
    assert.deepEqual(store.ownKeys.prekeys(), [prekey]);
    assert.deepEqual(store.ownKeys.oneTimes(), [oneTime]);
    assert.deepEqual(store.archive.get(message.digest), message);
    assert.deepEqual(store.archive.latest(contact.jid, 5), [message]);
    assert.deepEqual(store.outbox.get(unsent.number), unsent);
    assert.deepEqual(store.outbox.all(), [unsent]);
    assert.equal(store.settings.get('policy'), 'off');
    assert.equal(store.settings.get('annotate'), 'none');
    assert.equal(store.settings.get('trustPolicy'), 'manual');
    assert.equal(store.settings.get('retention'), 30);
    assert.deepEqual(stores.names(), [romeo]);
  });

  it('has nothing until something was put, and a put takes the place of the one before', () => {
    const first = sample.contact();
    assert.equal(store.contacts.get(first.jid), undefined);
    assert.equal(store.sessions.get('00'), undefined);
    assert.equal(store.settings.get('policy'), undefined);
    assert.equal(store.archive.get('00'), undefined);
    store.contacts.put(first);
    const second = { ...first, kuA: undefined, policy: undefined, alarm: undefined, trust: 'changed' } as const;
    store.contacts.put(second);
    assert.deepEqual(store.contacts.all(), [second]);
    store.settings.put('policy', 'off');
    store.settings.put('policy', undefined);
    assert.equal(store.settings.get('policy'), undefined);
    assert.throws(() => store.settings.put('retention', 0.5), { code: 'usage' });
  });

  it('gives a thief of the file neither secrets nor words nor whom one talks to', () => {
    const marker = 'wherefore-art-thou-9f3a';
    const device = sample.device();
    const session = sample.session(device.deviceId);
    const skipped = sample.skippedKey(session.sessionId, 1);
    const prekey = sample.prekey(1);
    const oneTime = sample.oneTime(2);
    const message = sample.message(marker);
    const unsent = sample.unsent(`${marker}-unsent`);
    store.contacts.put(sample.contact());
    store.contacts.putDevice(device);
    store.sessions.put(session);
    store.skippedKeys.put([skipped]);
    store.ownKeys.putPrekey(prekey);
    store.ownKeys.putOneTimes([oneTime]);
    store.archive.put(message);
    store.outbox.add(unsent);
    store.flush();
    const whileOpen = stolenBytes(path());
    stores.close();
    const secrets = [session.state, skipped.key, prekey.secret, prekey.seed, oneTime.secret, message.envelope];
    for (const stolen of [whileOpen, stolenBytes(path())]) {
      assert.ok(holds(stolen, romeo), 'the account is named in clear');
      for (const secret of [...secrets, unsent.stanza, marker, sample.juliet]) assert.ok(!holds(stolen, secret));
    }
  });

  it('opens only under the keystore that sealed it', () => {
    stores.close();
    assert.throws(() => EndToEndStores.open(path(), keystoreKey(sample.random(32))), {
      code: 'keystore-locked',
      message: /another keystore/,
    });
    stores = EndToEndStores.open(path(), keystoreKey(keyBytes));
  });

  it('lets no sealed value be moved to another row, account or table', () => {
    const [a, b] = [sample.session('aa'), sample.session('aa')];
    stores.account('benvolio@montague.test').sessions.put(a);
    store.sessions.put(a);
    store.sessions.put(b);
    store.ownKeys.putOneTimes([sample.oneTime(1)]);
    store.ownKeys.putPrekey(sample.prekey(1));
    const tampered = (sql: string, look: () => unknown): void => {
      stores.close();
      const database = Database.open(path());
      database.script(sql);
      database.close();
      reopen();
      assert.throws(look, { code: 'keystore-locked' }, sql);
    };
    const sealedOf = (account: string, session: string): string =>
      `(SELECT sealed FROM sessions JOIN accounts ON id = account WHERE jid = '${account}' AND session = '${session}')`;
    tampered(`UPDATE sessions SET sealed = ${sealedOf(romeo, a.sessionId)} WHERE session = '${b.sessionId}'`, () =>
      store.sessions.get(b.sessionId),
    );
    tampered(`UPDATE sessions SET sealed = ${sealedOf('benvolio@montague.test', a.sessionId)}`, () =>
      store.sessions.get(a.sessionId),
    );
    tampered('UPDATE own_one_time_keys SET sealed = (SELECT sealed FROM own_prekeys)', () => store.ownKeys.oneTime(1));
  });

  it('keeps many accounts apart, and of a removed one nothing', () => {
    const others = Array.from({ length: 50 }, (_, n) => `user${n}@montague.test`);
    const messages = others.map((jid) => sample.message(`words of ${jid}`));
    for (const [n, jid] of others.entries()) {
      stores.account(jid).archive.put(messages[n]!);
      stores.account(jid).contacts.put({ ...sample.contact(), listVersion: n });
    }
    for (const [n, jid] of others.entries()) {
      assert.equal(stores.account(jid).contacts.get(sample.juliet)?.listVersion, n);
      assert.deepEqual(stores.account(jid).archive.search('words', undefined, 100).messages, [messages[n]]);
    }
    const removed = stores.account(others[0]!);
    assert.equal(stores.remove(others[0]!), true);
    assert.equal(stores.remove(others[0]!), false);
    assert.throws(() => removed.archive.put(messages[0]!), { code: 'storage-failed', message: /was removed/ });
    assert.equal(stores.account(others[0]!).archive.get(messages[0]!.digest), undefined);
    assert.equal(stores.account(others[1]!).archive.get(messages[1]!.digest)?.text, messages[1]?.text);
  });

  it('knows a session that has ended by its id only, and forgets the id later', () => {
    const live = sample.session('aa');
    const ended = { ...sample.session('aa'), state: new Uint8Array(), endedAt: 1000 };
    store.sessions.put({ ...ended, state: sample.random(500), endedAt: undefined });
    store.sessions.put(live);
    assert.equal(store.sessions.live(sample.juliet).length, 2);
    store.sessions.put(ended);
    assert.deepEqual(store.sessions.live(sample.juliet), [live]);
    assert.deepEqual(store.sessions.live(sample.juliet, 'bb'), []);
    assert.deepEqual(store.sessions.get(ended.sessionId), ended);
    assert.equal(store.sessions.removeEndedBefore(1000), 0);
    assert.equal(store.sessions.removeEndedBefore(1001), 1);
    assert.equal(store.sessions.get(ended.sessionId), undefined);
    assert.deepEqual(store.sessions.get(live.sessionId), live);
  });

  it('keeps at most 2000 skipped keys of a session, the newest, for 30 days (§9.3)', () => {
    const old = Array.from({ length: 1500 }, (_, n) => sample.skippedKey('aa', n, 1000 + n));
    const more = Array.from({ length: 700 }, (_, n) => sample.skippedKey('aa', 5000 + n, 10_000));
    store.skippedKeys.put(old);
    store.skippedKeys.put([sample.skippedKey('bb', 1, 0)]);
    store.skippedKeys.put(more);
    assert.equal(store.skippedKeys.count('aa'), 2000);
    assert.equal(store.skippedKeys.count('bb'), 1);
    assert.equal(store.skippedKeys.get('aa', old[0]!.dh, 199), undefined);
    assert.deepEqual(store.skippedKeys.get('aa', old[0]!.dh, 200), old[200]);
    store.skippedKeys.remove('aa', old[0]!.dh, 200);
    assert.equal(store.skippedKeys.get('aa', old[0]!.dh, 200), undefined);
    assert.equal(store.sweep(10_000 + 30 * dayMs).skippedKeys, 1300);
    assert.equal(store.skippedKeys.count('aa'), 700);
    store.skippedKeys.removeOf('aa');
    assert.equal(store.skippedKeys.count('aa'), 0);
  });

  it('gives a one-time key away once (§9.2)', () => {
    const key = sample.oneTime(4);
    store.ownKeys.putOneTimes([key, sample.oneTime(5)]);
    assert.deepEqual(store.ownKeys.takeOneTime(4), key);
    assert.equal(store.ownKeys.takeOneTime(4), undefined);
    assert.deepEqual(
      store.ownKeys.oneTimes().map((left) => left.id),
      [5],
    );
  });

  it('gives the newest prekey first, and forgets one', () => {
    store.ownKeys.putPrekey(sample.prekey(1, 1000));
    store.ownKeys.putPrekey(sample.prekey(2, 2000));
    assert.deepEqual(
      store.ownKeys.prekeys().map((prekey) => prekey.id),
      [2, 1],
    );
    assert.equal(store.ownKeys.removePrekey(1), true);
    assert.equal(store.ownKeys.removePrekey(1), false);
    assert.equal(store.ownKeys.prekey(1), undefined);
  });

  it('forgets a contact with its devices, and one device alone', () => {
    const [one, two] = [sample.device(), sample.device()];
    store.contacts.put(sample.contact());
    store.contacts.putDevice(one);
    store.contacts.putDevice(two);
    assert.equal(store.contacts.removeDevice(one.jid, one.deviceId), true);
    assert.deepEqual(store.contacts.devices(one.jid), [two]);
    assert.equal(store.contacts.remove(one.jid), true);
    assert.equal(store.contacts.remove(one.jid), false);
    assert.deepEqual(store.contacts.devices(one.jid), []);
  });

  it('never uses a number of the outbox again, and keeps the newest thousand', () => {
    const numbers = ['a', 'b', 'c'].map((text) => store.outbox.add(sample.unsent(text)).number);
    assert.deepEqual(numbers, [1, 2, 3]);
    assert.equal(store.outbox.remove(3), true);
    assert.equal(store.outbox.remove(3), false);
    reopen();
    assert.equal(store.outbox.add(sample.unsent('d')).number, 4);
    for (let n = 0; n < 1000; n++) store.outbox.add(sample.unsent('flood'));
    assert.equal(store.outbox.count(), 1000);
    assert.equal(store.outbox.all()[0]?.number, 5);
  });
});
