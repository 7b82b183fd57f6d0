import assert from 'node:assert/strict';
import { join } from 'node:path';
import { migrate, schemaVersion } from '../../../proxy/store/migrate.ts';
import { Database } from '../../../proxy/store/sqlite.ts';
import { temporaryFolder } from '../keystore/folder.ts';

const first = { name: 'first', sql: 'CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (1)' };
const second = { name: 'second', sql: 'ALTER TABLE a ADD COLUMN y INTEGER' };

describe('schema migrations', () => {
  const folder = temporaryFolder();
  let database: Database;
  beforeEach(() => {
    database = Database.open(join(folder(), 'test.db'));
  });
  afterEach(() => database.close());

  it('run once each, in order, also when some have run before', () => {
    migrate(database, [first]);
    migrate(database, [first]);
    assert.equal(schemaVersion(database), 1);
    migrate(database, [first, second]);
    assert.equal(schemaVersion(database), 2);
    assert.deepEqual({ ...database.get('SELECT * FROM a') }, { x: 1, y: null });
  });

  it('leave no trace when one fails, and keep those before it', () => {
    const broken = { name: 'broken', sql: 'CREATE TABLE b (x INTEGER); CREATE TABLE b (x INTEGER)' };
    assert.throws(() => migrate(database, [first, broken]), { code: 'storage-failed' });
    assert.equal(schemaVersion(database), 1);
    assert.equal(database.get("SELECT 1 FROM sqlite_schema WHERE name = 'b'"), undefined);
  });

  it('refuse a database of a newer version, and do not touch it', () => {
    migrate(database, [first, second]);
    assert.throws(() => migrate(database, [first]), { code: 'storage-failed', message: /newer SIMPP.*Update/ });
    assert.equal(schemaVersion(database), 2);
  });
});
