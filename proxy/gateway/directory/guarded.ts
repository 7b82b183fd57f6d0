// How the directory talks to its database: in transactions that are repeated
// when they lose a race, with errors that mean something above.
import { SimppError } from '../../../shared/errors.ts';
import { isConflict } from './conflict.ts';
import type { Db } from './device-rows.ts';

/** Each loss of a race means that another change went through; more in a row is no race any more. */
const maxAttempts = 8;

/** Runs a change in a transaction of its own, again when another gateway was faster. */
export async function inTransaction<T>(db: Db, change: (db: Db) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      // Not MySQL's default: after waiting for a lock, what others committed is seen.
      return await db.transaction().setIsolationLevel('read committed').execute(change);
    } catch (error) {
      if (attempt === maxAttempts || !isConflict(error)) throw error;
    }
  }
}

/** What a driver throws leaves as SimppError('storage-failed'). */
export async function guarded<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof SimppError) throw error;
    throw new SimppError('storage-failed', 'The directory cannot be read or written.', { cause: error });
  }
}
