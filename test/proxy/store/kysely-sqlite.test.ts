import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Kysely, type Generated } from 'kysely';
import { nodeSqliteDialect } from '../../../proxy/store/kysely-sqlite.ts';
import { Database } from '../../../proxy/store/sqlite.ts';
import { temporaryFolder } from '../keystore/folder.ts';

interface Tables {
  notes: { id: Generated<number>; text: string; bytes: Uint8Array | null };
}

describe('Kysely on node:sqlite', () => {
  const folder = temporaryFolder();
  let database: Database;
  let db: Kysely<Tables>;
  beforeEach(async () => {
    database = Database.open(join(folder(), 'test.db'));
    db = new Kysely<Tables>({ dialect: nodeSqliteDialect(database) });
    await db.schema
      .createTable('notes')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('text', 'text', (column) => column.notNull().unique())
      .addColumn('bytes', 'blob')
      .execute();
  });
  afterEach(() => db.destroy());

  it('writes and reads text, bytes and null, and counts what it changed', async () => {
    const inserted = await db
      .insertInto('notes')
      .values([
        { text: 'one', bytes: Uint8Array.of(0, 255) },
        { text: 'two', bytes: null },
      ])
      .executeTakeFirstOrThrow();
    assert.equal(inserted.numInsertedOrUpdatedRows, 2n);
    assert.equal(inserted.insertId, 2n);
    const rows = await db.selectFrom('notes').select(['text', 'bytes']).orderBy('id').execute();
    assert.deepEqual(
      rows.map((row) => ({ ...row })),
      [
        { text: 'one', bytes: Uint8Array.of(0, 255) },
        { text: 'two', bytes: null },
      ],
    );
    const updated = await db.updateTable('notes').set({ text: 'three' }).where('id', '=', 9).executeTakeFirstOrThrow();
    assert.equal(updated.numUpdatedRows, 0n);
  });

  it('gives rows of a statement that both changes and returns', async () => {
    const row = await db.insertInto('notes').values({ text: 'one', bytes: null }).returning('id').executeTakeFirst();
    assert.equal(row?.id, 1);
  });

  it('streams rows while the same statement runs for somebody else', async () => {
    for (const text of ['a', 'b', 'c']) await db.insertInto('notes').values({ text, bytes: null }).execute();
    const query = db.selectFrom('notes').select('text').orderBy('id');
    const seen: string[] = [];
    const statement = query.compile().sql;
    for await (const { text } of query.stream()) {
      assert.equal(database.all(statement).length, 3);
      seen.push(text);
    }
    assert.deepEqual(seen, ['a', 'b', 'c']);
  });

  it('rolls a transaction back, and keeps parallel ones apart', async () => {
    const insert = (text: string, fail: boolean) =>
      db.transaction().execute(async (transaction) => {
        await transaction.insertInto('notes').values({ text, bytes: null }).execute();
        await Promise.resolve();
        if (fail) throw new Error('no');
      });
    const results = await Promise.allSettled([insert('a', false), insert('b', true), insert('c', false)]);
    assert.deepEqual(
      results.map((result) => result.status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    const rows = await db.selectFrom('notes').select('text').orderBy('text').execute();
    assert.deepEqual(
      rows.map((row) => row.text),
      ['a', 'c'],
    );
  });

  it('fails with SimppError on what SQLite refuses', async () => {
    await db.insertInto('notes').values({ text: 'a', bytes: null }).execute();
    await assert.rejects(db.insertInto('notes').values({ text: 'a', bytes: null }).execute(), {
      code: 'storage-failed',
    });
  });
});
