import assert from 'node:assert/strict';
import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Database } from '../../../proxy/store/sqlite.ts';
import { temporaryFolder } from '../keystore/folder.ts';
import { openElsewhere, stolenBytes } from './others.ts';

const failed = (message: RegExp) => ({ code: 'storage-failed', message });

describe('a database', () => {
  const folder = temporaryFolder();
  const path = (): string => join(folder(), 'test.db');

  function withTable(): Database {
    const database = Database.open(path());
    database.script('CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT');
    return database;
  }

  it('survives a power loss, overwrites what is deleted, and checks foreign keys', () => {
    const database = Database.open(path());
    const pragma = (name: string) => Object.values(database.get(`PRAGMA ${name}`) ?? {})[0];
    assert.equal(pragma('journal_mode'), 'wal');
    assert.equal(pragma('synchronous'), 2); // FULL
    assert.equal(pragma('secure_delete'), 1);
    assert.equal(pragma('foreign_keys'), 1);
    assert.equal(pragma('busy_timeout'), 500);
    assert.equal(pragma('trusted_schema'), 0);
    database.close();
  });

  it('belongs to its owner alone, also its log, and also when it did not before', () => {
    writeFileSync(path(), '');
    chmodSync(path(), 0o664);
    const database = withTable();
    database.run('INSERT INTO notes (text) VALUES (?)', 'x');
    for (const name of readdirSync(folder())) assert.equal(statSync(join(folder(), name)).mode & 0o077, 0, name);
    assert.ok(readdirSync(folder()).includes('test.db-wal'));
    database.close();
    assert.deepEqual(readdirSync(folder()), ['test.db']);
  });

  it('is held by one process until it is closed', async function () {
    this.timeout(20_000); // starts three processes
    const database = Database.open(path());
    assert.equal(await openElsewhere(path()), 'already-running');
    assert.throws(() => Database.open(path(), { busyTimeoutMs: 10 }), { code: 'already-running' });
    // The refused attempt of this process has not loosened the lock.
    assert.equal(await openElsewhere(path()), 'already-running');
    database.close();
    assert.equal(await openElsewhere(path()), 'opened');
  });

  it('does all of a transaction or nothing of it, and goes on afterwards', () => {
    const database = withTable();
    const count = () => database.get('SELECT count(*) AS n FROM notes')?.['n'];
    assert.throws(
      () =>
        database.transaction(() => {
          database.run('INSERT INTO notes (text) VALUES (?)', 'one');
          throw new Error('changed my mind');
        }),
      /changed my mind/,
    );
    assert.equal(count(), 0);
    const id = database.transaction(() => {
      database.transaction(() => database.run('INSERT INTO notes (text) VALUES (?)', 'two'));
      return database.get('SELECT id FROM notes')?.['id'];
    });
    assert.equal(id, 1);
    assert.equal(count(), 1);
    database.close();
  });

  it('compiles a statement once, and keeps a bounded number of them', () => {
    const database = withTable();
    const first = database.prepare('SELECT 0');
    assert.equal(database.prepare('SELECT 0'), first);
    for (let n = 1; n <= 300; n++) database.prepare(`SELECT ${n}`);
    assert.notEqual(database.prepare('SELECT 0'), first);
    assert.equal(database.prepare('SELECT 300'), database.prepare('SELECT 300'));
    database.close();
  });

  it('has nothing of a deleted row once it was scrubbed, not even in its log', () => {
    const database = withTable();
    database.run('INSERT INTO notes (text) VALUES (?)', 'marker-that-goes');
    database.run('INSERT INTO notes (text) VALUES (?)', 'marker-that-stays');
    database.transaction(() => {
      database.run('DELETE FROM notes WHERE id = 1');
      database.scrub();
    });
    assert.equal(statSync(join(folder(), 'test.db-wal')).size, 0);
    database.close();
    const bytes = stolenBytes(path());
    assert.ok(bytes.includes('marker-that-stays'));
    assert.ok(!bytes.includes('marker-that-goes'));
  });

  it('says in words when the disk is full, and keeps what was there', () => {
    const database = withTable();
    database.run('INSERT INTO notes (text) VALUES (?)', 'kept');
    database.script('PRAGMA max_page_count = 3');
    assert.throws(
      () => database.transaction(() => database.run('INSERT INTO notes (text) VALUES (?)', 'x'.repeat(100_000))),
      failed(/disk is full/),
    );
    assert.deepEqual({ ...database.get('SELECT text FROM notes') }, { text: 'kept' });
    database.close();
  });

  it('says in words when it cannot be written, made, or is closed', () => {
    const database = withTable();
    database.script('PRAGMA query_only = ON');
    assert.throws(() => database.run('INSERT INTO notes (text) VALUES (?)', 'x'), failed(/cannot be written/));
    database.close();
    database.close();
    assert.throws(() => database.run('SELECT 1'), failed(/test\.db/));
    writeFileSync(join(folder(), 'file'), '');
    assert.throws(() => Database.open(join(folder(), 'file', 'test.db')), failed(/cannot be made/));
    assert.throws(() => Database.open(folder()), failed(/cannot be opened/));
  });

  it('says in words when it is damaged, wherever the damage is', () => {
    writeFileSync(path(), 'this is no database, whatever its name says'.repeat(100));
    assert.throws(() => Database.open(path()), failed(/damaged/));
    writeFileSync(path(), '');
    const database = withTable();
    for (let n = 0; n < 200; n++) database.run('INSERT INTO notes (text) VALUES (?)', 'x'.repeat(500));
    database.close();
    const bytes = stolenBytes(path());
    bytes.fill(0xff, 4096, 3 * 4096);
    writeFileSync(path(), bytes);
    assert.throws(
      () => {
        const damaged = Database.open(path());
        try {
          damaged.all('SELECT * FROM notes');
        } finally {
          damaged.close();
        }
      },
      failed(/damaged/),
    );
  });

  it('never names a stored value in an error', () => {
    const database = withTable();
    database.run('INSERT INTO notes (id, text) VALUES (1, ?)', 'secret-words');
    assert.throws(
      () => database.run('INSERT INTO notes (id, text) VALUES (1, ?)', 'secret-words'),
      (error: Error) => !`${error.message} ${String(error.cause)}`.includes('secret-words'),
    );
    database.close();
  });
});
