// The accounts of a database that no proxy holds, without changing the file.

import { existsSync } from 'node:fs';
import type { Crypto } from '../../shared/crypto/provider.ts';
import { accountFacts, accountRowsSql, type AccountFacts } from './account-facts.ts';
import { lookInto } from './read-only.ts';
import { storageError } from './storage-error.ts';

/** All accounts in order of their names; none when there is no file yet. Throws SimppError. */
export function readAccounts(path: string, crypto: Crypto): AccountFacts[] {
  if (!existsSync(path)) return [];
  try {
    return lookInto(path, (database) => {
      const hasTables = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'accounts'").get() !== undefined;
      if (!hasTables) return [];
      const rows = database.prepare(accountRowsSql).all();
      return rows.map((row) => accountFacts(row, crypto));
    });
  } catch (error) {
    throw storageError(error, path);
  }
}
