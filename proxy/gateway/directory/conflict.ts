// Errors that mean "somebody else was faster": a unique key was taken, or the
// row that a foreign key names went away. The caller reads again and decides anew.
import { isSqliteConflict } from '../../store/storage-error.ts';

/** SQLSTATE of PostgreSQL, error names of MySQL and MariaDB. */
const conflictCodes: ReadonlySet<string> = new Set([
  '23505', // unique_violation
  '23503', // foreign_key_violation
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  'ER_DUP_ENTRY',
  'ER_NO_REFERENCED_ROW_2',
  'ER_LOCK_DEADLOCK',
]);

/** Whether an error, or what caused it, is such a conflict, in any of the three databases. */
export function isConflict(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (isSqliteConflict(cause)) return true;
    if ('code' in cause && typeof cause.code === 'string' && conflictCodes.has(cause.code)) return true;
  }
  return false;
}
