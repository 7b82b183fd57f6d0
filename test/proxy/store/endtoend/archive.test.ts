import assert from 'node:assert/strict';
import { join } from 'node:path';
import { keystoreKey } from '../../../../proxy/keystore/key.ts';
import { EndToEndStores } from '../../../../proxy/store/endtoend/stores.ts';
import type { EndToEndStore } from '../../../../proxy/store/endtoend/store.ts';
import { Database } from '../../../../proxy/store/sqlite.ts';
import { temporaryFolder } from '../../keystore/folder.ts';
import { holds, stolenBytes } from '../others.ts';
import * as sample from './samples.ts';

const dayMs = 24 * 3600 * 1000;
const nurse = 'nurse@capulet.test';

describe('the archive (transparency.md §5.2)', () => {
  let stores: EndToEndStores;
  afterEach(() => stores.close()); // before the folder goes
  const folder = temporaryFolder();
  const key = keystoreKey(sample.random(32));
  const path = (): string => join(folder(), 'endtoend.db');
  let store: EndToEndStore;
  const open = (): void => {
    stores = EndToEndStores.open(path(), key);
    store = stores.account('romeo@montague.test');
  };
  beforeEach(open);
  /** The sealed bytes of a message as they lie on the disk. */
  const sealed = (digest: string): Uint8Array => {
    stores.close();
    const database = Database.open(path());
    const row = database.get('SELECT sealed FROM archive WHERE digest = ?', digest);
    database.close();
    open();
    const bytes = row?.['sealed'];
    assert.ok(bytes instanceof Uint8Array);
    return bytes;
  };
  const onDisk = (): Buffer => stolenBytes(path());

  it('is searched newest first, without regard to case, with one contact or with all', () => {
    const messages = [
      sample.message('The Rose', 1000),
      sample.message('a rose, with the nurse', 2000, nurse),
      sample.message('by any other name', 3000),
      sample.message('ROSES', 4000),
    ];
    for (const message of messages) store.archive.put(message);
    const texts = (wanted: string, contact: string | undefined, limit: number): string[] =>
      store.archive.search(wanted, contact, limit).messages.map(({ text }) => text);
    assert.deepEqual(texts('rose', undefined, 10), ['ROSES', 'a rose, with the nurse', 'The Rose']);
    assert.deepEqual(texts('rose', sample.juliet, 10), ['ROSES', 'The Rose']);
    assert.deepEqual(texts('rose', undefined, 1), ['ROSES']);
    assert.equal(store.archive.search('rose', undefined, 10).isComplete, true);
    assert.equal(store.archive.search('rose', undefined, 1).isComplete, false);
    assert.deepEqual(store.archive.latest(sample.juliet, 2), [messages[3], messages[2]]);
    assert.deepEqual(store.archive.latest('tybalt@capulet.test', 2), []);
  });

  it('keeps everything unless told otherwise', () => {
    const message = sample.message('kept', 0);
    store.archive.put(message);
    assert.equal(store.sweep(10_000 * dayMs).messages, 0);
    assert.deepEqual(store.archive.get(message.digest), message);
  });

  it('of so many days loses what is older, from file and log', () => {
    const [old, young] = [sample.message('old', 1000), sample.message('young', 1000 + 5 * dayMs)];
    store.archive.put(old);
    store.archive.put(young);
    const [oldBytes, youngBytes] = [sealed(old.digest), sealed(young.digest)];
    store.settings.put('retention', 7);
    store.flush();
    assert.ok(holds(onDisk(), oldBytes));
    assert.equal(store.sweep(1000 + 7 * dayMs).messages, 0);
    assert.equal(store.sweep(1001 + 7 * dayMs).messages, 1);
    assert.ok(!holds(onDisk(), oldBytes));
    assert.ok(holds(onDisk(), youngBytes));
    assert.equal(store.archive.get(old.digest), undefined);
    assert.deepEqual(store.archive.get(young.digest), young);
  });

  it('that keeps nothing has the messages of this run only, and no byte of any on the disk', () => {
    const before = sample.message('before');
    store.archive.put(before);
    const bytes = sealed(before.digest);
    store.settings.put('retention', 'none');
    assert.equal(store.sweep(0).messages, 1);
    assert.ok(!holds(onDisk(), bytes));
    const message = sample.message('of this run');
    store.archive.put(message);
    store.flush();
    assert.deepEqual(store.archive.get(message.digest), message);
    assert.deepEqual(store.archive.search('this run', undefined, 5).messages, [message]);
    assert.ok(!holds(onDisk(), message.digest));
    stores.close();
    open();
    assert.equal(store.archive.get(message.digest), undefined);
  });

  it('that keeps nothing remembers the last 2000 messages', () => {
    store.settings.put('retention', 'none');
    const messages = Array.from({ length: 2001 }, (_, n) => ({
      ...sample.message('m', n),
      envelope: new Uint8Array(),
    }));
    for (const message of messages) store.archive.put(message);
    assert.equal(store.archive.get(messages[0]!.digest), undefined);
    assert.deepEqual(store.archive.get(messages[1]!.digest), messages[1]);
  });

  it('that keeps nothing forgets what belonged to a lost group, and so does what was set in it', async () => {
    store.settings.put('retention', 'none');
    await store.durable();
    const message = sample.message('never sent');
    store.archive.put(message);
    store.settings.put('retention', 'keep');
    // A table holds no such number: the statement fails, and with it the group.
    assert.throws(() => store.sessions.put({ ...sample.session('aa'), endedAt: 0.5 }), { code: 'storage-failed' });
    assert.equal(store.archive.get(message.digest), undefined);
    assert.equal(store.settings.get('retention'), 'none');
  });

  it('leaves no older state of a session behind once it was swept', () => {
    const session = sample.session('aa');
    store.sessions.put(session);
    store.flush();
    stores.close();
    const database = Database.open(path());
    const old = database.get('SELECT sealed FROM sessions')?.['sealed'];
    database.close();
    assert.ok(old instanceof Uint8Array);
    open();
    store.sessions.put({ ...session, state: sample.random(500) });
    store.flush();
    store.sweep(0);
    assert.ok(!holds(onDisk(), old));
  });
});
