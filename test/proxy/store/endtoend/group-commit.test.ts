import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setImmediate as endOfTurn } from 'node:timers/promises';
import type { CrashPoint } from '../../../../proxy/endtoend/crash-points.ts';
import { GroupCommit } from '../../../../proxy/store/endtoend/group-commit.ts';
import { Database } from '../../../../proxy/store/sqlite.ts';
import { temporaryFolder } from '../../keystore/folder.ts';

const full = { code: 'storage-failed', message: /disk is full/ };

describe('a group commit (docs/protocol.md §9.8)', () => {
  const folder = temporaryFolder();
  let database: Database;
  let group: GroupCommit;
  let reached: CrashPoint[];
  beforeEach(() => {
    database = Database.open(join(folder(), 'test.db'));
    database.script('CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT');
    reached = [];
    group = new GroupCommit(database, (point) => reached.push(point));
  });
  afterEach(() => database.close());

  const put = (text: string): number => group.put(() => database.run('INSERT INTO notes (text) VALUES (?)', text));
  const notes = (): unknown[] => database.all('SELECT text FROM notes ORDER BY id').map((row) => row['text']);
  const fillDisk = (): void => {
    const pages = Number(Object.values(database.get('PRAGMA page_count') ?? {})[0]);
    database.script(`PRAGMA max_page_count = ${pages}`);
  };

  it('commits all that was put in one turn at once', async () => {
    put('one');
    const first = group.durable();
    await Promise.resolve();
    put('two');
    const second = group.durable();
    assert.deepEqual(notes(), ['one', 'two'], 'reads see what was put');
    assert.deepEqual(reached, []);
    await Promise.all([first, second]);
    assert.deepEqual(reached, ['commit.before', 'commit.after']);
    put('three');
    await group.durable();
    assert.equal(reached.length, 4);
  });

  it('lets what keeps nobody waiting go with what is put in the next turns', async () => {
    put('received');
    const later = group.durableSoon();
    await endOfTurn();
    assert.deepEqual(reached, []);
    put('sent');
    await Promise.all([group.durable(), later]);
    assert.deepEqual(reached, ['commit.before', 'commit.after']);
    put('received, and nothing follows');
    await group.durableSoon();
    assert.equal(reached.length, 4);
  });

  it('needs no disk when nothing was put', async () => {
    await group.durable();
    group.flush();
    await endOfTurn();
    assert.deepEqual(reached, []);
  });

  it('commits early when told so, and what comes after that in a group of its own', async () => {
    put('one');
    const early = group.durable();
    group.flush();
    assert.equal(reached.length, 2);
    put('two');
    await early;
    await group.durable();
    assert.equal(reached.length, 4);
    assert.deepEqual(notes(), ['one', 'two']);
  });

  it('that meets a full disk is lost for everyone in it, and nothing of it is kept', async () => {
    put('before');
    await group.durable();
    let lost = 0;
    group.onLost(() => lost++);
    put('mine');
    const mine = assert.rejects(group.durable(), full);
    fillDisk();
    assert.throws(() => put('x'.repeat(100_000)), full);
    assert.equal(lost, 1, 'the listeners heard it before anything else ran');
    assert.deepEqual(notes(), ['before']);
    // Whoever put something in this turn must not be told that it is safe.
    await assert.rejects(group.durable(), full);
    assert.throws(() => group.flush(), full);
    assert.throws(() => put('later in the same turn'), full);
    await mine;
    await endOfTurn();
    database.script('PRAGMA max_page_count = 100000');
    put('after');
    await group.durable();
    assert.deepEqual(notes(), ['before', 'after']);
    assert.equal(lost, 1);
  });

  it('whose commit fails is lost for everyone in it', async () => {
    database.script('CREATE TABLE owners (id INTEGER PRIMARY KEY) STRICT');
    // A deferred foreign key is looked at in COMMIT, which then fails as it does on an I/O error.
    database.script('CREATE TABLE owned (owner INTEGER REFERENCES owners (id) DEFERRABLE INITIALLY DEFERRED) STRICT');
    let lost = 0;
    group.onLost(() => lost++);
    put('mine');
    group.put(() => database.run('INSERT INTO owned VALUES (7)'));
    const both = [group.durable(), group.durable()];
    for (const result of await Promise.allSettled(both)) assert.equal(result.status, 'rejected');
    assert.equal(lost, 1);
    assert.deepEqual(notes(), []);
    assert.deepEqual(reached, ['commit.before']);
    await endOfTurn();
    group.put(() => database.run('INSERT INTO owned VALUES (7)'));
    assert.throws(() => group.flush(), { code: 'storage-failed' });
    assert.equal(lost, 2);
  });

  it('is lost when one of its puts throws, whatever it throws', async () => {
    put('one');
    const one = assert.rejects(group.durable(), { code: 'storage-failed' });
    assert.throws(() =>
      group.put(() => {
        throw new TypeError('changed my mind');
      }),
    );
    await one;
    assert.deepEqual(notes(), []);
  });

  it('says nothing to a listener that has gone', () => {
    let lost = 0;
    const off = group.onLost(() => lost++);
    off();
    fillDisk();
    assert.throws(() => put('x'.repeat(100_000)), full);
    assert.equal(lost, 0);
  });
});
