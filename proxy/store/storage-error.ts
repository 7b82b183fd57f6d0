// SQLite's result codes (https://www.sqlite.org/rescode.html) in words for a
// person. SQLite's own messages name tables and columns, never values.
import { SimppError } from '../../shared/errors.ts';

const resultCodes = {
  busy: 5,
  locked: 6,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  constraint: 19,
  notDatabase: 26,
} as const;

const constraintForeignKey = 787;
const constraintPrimaryKey = 1555;
const constraintUnique = 2067;

/** SQLite's extended result code of an error of node:sqlite; undefined for any other. */
function sqliteCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined;
}

/** Whether somebody else holds the database. */
export function isBusy(error: unknown): boolean {
  const code = (sqliteCode(error) ?? 0) & 0xff;
  return code === resultCodes.busy || code === resultCodes.locked;
}

/** Whether a unique key was taken, or the row that a foreign key names is not there. */
export function isSqliteConflict(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === constraintPrimaryKey || code === constraintUnique || code === constraintForeignKey;
}

/** What the file system says when the file cannot even be made. */
function describeErrno(code: string): string {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'the disk is full';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'it, or its folder, cannot be written';
    default:
      return `it cannot be made (${code})`;
  }
}

function describe(error: unknown): string {
  const code = sqliteCode(error);
  if (error instanceof Error && 'errno' in error && 'code' in error && typeof error.code === 'string') {
    return describeErrno(error.code);
  }
  switch ((code ?? 0) & 0xff) {
    case resultCodes.full:
      return 'the disk is full';
    case resultCodes.readOnly:
      return 'it, or its folder, cannot be written';
    case resultCodes.ioError:
      return 'the disk reports an error';
    case resultCodes.corrupt:
      return 'it is damaged; restore it from a backup';
    case resultCodes.notDatabase:
      return 'it is damaged, or no SIMPP database at all';
    case resultCodes.cannotOpen:
      return 'it cannot be opened';
    case resultCodes.busy:
    case resultCodes.locked:
      return 'another process holds it';
    case resultCodes.constraint:
      return 'a value does not fit what is stored already';
    default:
      return 'SQLite refused the operation';
  }
}

/** Anything that SQLite threw, as SimppError('storage-failed') that says which file and why. */
export function storageError(error: unknown, path: string): SimppError {
  if (error instanceof SimppError) return error;
  return new SimppError('storage-failed', `The database ${path} failed: ${describe(error)}.`, { cause: error });
}
