// A database that is only looked at: nothing in its folder changes, and it is
// seen as the last commit left it, also after a crash.

import { existsSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

/** Opens an existing file, hands it to `look`, closes it. SQLite's own errors come through. */
export function lookInto<Result>(path: string, look: (database: DatabaseSync) => Result): Result {
  // Who closes a database in order removes its log; where there is none, the file is all.
  const hasLog = existsSync(`${path}-wal`);
  const hadSharedMemory = existsSync(`${path}-shm`);
  const database = hasLog
    ? new DatabaseSync(path, { readOnly: true, timeout: 500 })
    : new DatabaseSync(immutable(path), { readOnly: true });
  try {
    return look(database);
  } finally {
    database.close();
    // Made by reading the log; its owners use none (proxy/store/sqlite.ts).
    if (hasLog && !hadSharedMemory) rmSync(`${path}-shm`, { force: true });
  }
}

/** Without locks and log (https://www.sqlite.org/uri.html, "immutable"). */
function immutable(path: string): URL {
  const url = pathToFileURL(path);
  url.searchParams.set('immutable', '1');
  return url;
}
