// An SQLite file, looked at without changing it: whether it is one, whether it
// is whole, and then whatever else its owner wants to know.

import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { lookInto } from '../store/read-only.ts';
import { isBusy, storageError } from '../store/storage-error.ts';
import { shellWord, type Finding, type Findings } from './finding.ts';

/** A larger one is not read from end to end: nobody waits for that. */
const maxCheckedBytes = 256 * 1024 * 1024;

/** Opens the file read-only and looks; what SQLite refuses becomes a problem. */
export function inspectDatabase(path: string, say: Findings, look: (database: DatabaseSync) => Finding[]): Finding[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return [say.note(`${path} is not there yet; it is made at the first start.`)];
  try {
    return lookInto(path, (database) => {
      const damage = stats.size <= maxCheckedBytes ? damageOf(database) : undefined;
      return damage === undefined ? look(database) : [damaged(path, `SQLite says: ${damage}.`, say)];
    });
  } catch (error) {
    if (isBusy(error)) return [say.problem(`Another process uses ${path}.`, `fuser -v ${shellWord(path)}`)];
    return [damaged(path, storageError(error, path).message, say)];
  }
}

function damageOf(database: DatabaseSync): string | undefined {
  const said = String(database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'] ?? 'ok');
  return said === 'ok' ? undefined : said.slice(0, 200).replaceAll('\n', ' ');
}

function damaged(path: string, why: string, say: Findings): Finding {
  const file = shellWord(path);
  const aside = shellWord(`${path}.damaged`);
  return say.problem(`${path} cannot be used. ${why}`, `mv ${file} ${aside}   # then restore it from your backup`);
}
