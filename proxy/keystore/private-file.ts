// Files that only their owner may read: made whole or not at all, and refused
// when somebody else could have read or swapped them (docs/protocol.md §3 "At rest").
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { toHex } from '../../shared/bytes.ts';
import { SimppError } from '../../shared/errors.ts';

/** Windows has no such modes; there the profile folder's access list protects the files. */
const hasModes = process.platform !== 'win32';

const octal = (mode: number): string => (mode & 0o777).toString(8).padStart(4, '0');

function errno(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Makes the folder with mode 0700, or checks that nobody else can put files into it. */
export function privateFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new SimppError('storage-failed', `The folder ${folder} cannot be made (${errno(error) ?? 'unknown'}).`, {
      cause: error,
    });
  }
  const { mode } = statSync(folder);
  if (hasModes && (mode & 0o022) !== 0) {
    throw new SimppError(
      'keystore-locked',
      `Others can write into ${folder} (mode ${octal(mode)}), so its keys cannot be trusted. Run: chmod 700 ${folder}`,
    );
  }
}

/** The file's bytes, undefined when it does not exist; throws SimppError('keystore-locked') when others may read it. */
export function readPrivateFile(path: string): Uint8Array | undefined {
  let file: number;
  try {
    // O_NOFOLLOW and a check on the open file: what was checked is what is read.
    file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  } catch (error) {
    if (errno(error) === 'ENOENT') return undefined;
    throw new SimppError('keystore-locked', `The file ${path} cannot be opened (${errno(error) ?? 'unknown'}).`, {
      cause: error,
    });
  }
  try {
    const { mode } = fstatSync(file);
    if (hasModes && (mode & 0o077) !== 0) {
      throw new SimppError(
        'keystore-locked',
        `Others can read ${path} (mode ${octal(mode)}). If nobody else has had it, run: chmod 600 ${path}`,
      );
    }
    return new Uint8Array(readFileSync(file));
  } finally {
    closeSync(file);
  }
}

function syncFolder(folder: string): void {
  if (!hasModes) return; // Windows opens no folders; NTFS journals names itself
  const handle = openSync(folder, constants.O_RDONLY);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function cannotWrite(path: string, error: unknown): SimppError {
  return new SimppError('storage-failed', `The file ${path} cannot be written (${errno(error) ?? 'unknown'}).`, {
    cause: error,
  });
}

/** Writes a new file with mode 0600, its bytes durable before it returns. */
function writeDurably(path: string, bytes: Uint8Array): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    if (hasModes) fchmodSync(file, 0o600);
    writeFileSync(file, bytes);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/**
 * Creates the file with mode 0600, whole and durable; false when it exists
 * already, which is then untouched. A link, not a rename, so that of two
 * processes one wins and the other sees it.
 */
export function createPrivateFile(path: string, bytes: Uint8Array): boolean {
  const temporary = `${path}.${toHex(randomBytes(8))}`;
  try {
    writeDurably(temporary, bytes);
    linkSync(temporary, path);
    syncFolder(dirname(path));
    return true;
  } catch (error) {
    if (errno(error) === 'EEXIST') return false;
    throw cannotWrite(path, error);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Puts the bytes in the file's place with mode 0600, whole and durable; for files that one process owns. */
export function replacePrivateFile(path: string, bytes: Uint8Array): void {
  const temporary = `${path}.${toHex(randomBytes(8))}`;
  try {
    writeDurably(temporary, bytes);
    renameSync(temporary, path);
    syncFolder(dirname(path));
  } catch (error) {
    throw cannotWrite(path, error);
  } finally {
    rmSync(temporary, { force: true });
  }
}
