// What another gateway on the same database does between two statements of
// this one. SQLite lets nobody in between, so a plugin of Kysely plays it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Kysely } from 'kysely';
import { isConflict } from '../../../proxy/gateway/directory/conflict.ts';
import { KyselyDirectory } from '../../../proxy/gateway/directory/kysely-directory.ts';
import { accountHash, migrateDirectory, type DirectoryTables } from '../../../proxy/gateway/directory/schema.ts';
import { SimppError } from '../../../shared/errors.ts';
import { nodeSqliteDialect } from '../../../proxy/store/kysely-sqlite.ts';
import { Database } from '../../../proxy/store/sqlite.ts';
import { temporaryFolder } from '../keystore/folder.ts';
import { jid, registration } from './registrations.ts';

describe('a race lost to another gateway', () => {
  const folder = temporaryFolder();
  let database: Database;
  let directory: KyselyDirectory;
  let beforeStatement: (kind: string) => void = () => {};

  beforeEach(async () => {
    database = Database.open(join(folder(), 'directory.db'));
    const db = new Kysely<DirectoryTables>({
      dialect: nodeSqliteDialect(database),
      plugins: [
        {
          transformQuery({ node }) {
            beforeStatement(node.kind);
            return node;
          },
          transformResult: async ({ result }) => result,
        },
      ],
    });
    await migrateDirectory(db, 'sqlite');
    directory = new KyselyDirectory(db);
  });
  afterEach(async () => {
    beforeStatement = () => {};
    await directory.close();
  });

  /** Runs `rival` before statements of this kind, as often as given. */
  function interpose(kind: string, times: number, rival: () => void): void {
    let left = times;
    beforeStatement = (each) => {
      if (each === kind && left-- > 0) rival();
    };
  }

  const takeJid = (): void => {
    const values = [accountHash(jid), jid, new Uint8Array(65), 1, 1, new Uint8Array(1), 1];
    database.run('INSERT INTO directory_accounts VALUES (?, ?, ?, ?, ?, ?, ?)', ...values);
  };
  it('for a free JID is decided anew', async () => {
    interpose('InsertQueryNode', 1, takeJid);
    assert.equal(await directory.register(registration()), 'registered');
    assert.equal(await directory.countAccounts(), 1);
  });

  it('again and again ends in an error and changes nothing', async () => {
    interpose('InsertQueryNode', Infinity, takeJid);
    await assert.rejects(directory.register(registration()), { code: 'storage-failed' });
    assert.equal(await directory.countAccounts(), 0);
  });

  it('is recognised by what each database says, also inside other errors', () => {
    const said = (code: string) => Object.assign(new Error('driver'), { code });
    for (const code of ['23505', '23503', '40001', '40P01', 'ER_DUP_ENTRY', 'ER_NO_REFERENCED_ROW_2']) {
      assert.ok(isConflict(said(code)), code);
      assert.ok(isConflict(new SimppError('storage-failed', 'x', { cause: said(code) })), code);
    }
    for (const other of [said('53100'), said('ECONNRESET'), new Error('x'), undefined, 'text']) {
      assert.ok(!isConflict(other));
    }
  });
});
