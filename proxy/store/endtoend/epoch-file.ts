// What stands beside the database, so that an older copy of it is known for one
// when it is put back (docs/protocol.md §9.8): the state epoch of each account,
// and how often the database was opened and closed. Sealed, so that it cannot be
// edited to fit the copy.
import { fromUtf8, utf8 } from '../../../shared/bytes.ts';
import { SimppError } from '../../../shared/errors.ts';
import { openColumn, sealColumn } from '../../keystore/column.ts';
import type { KeystoreKey } from '../../keystore/key.ts';
import { readPrivateFile, replacePrivateFile } from '../../keystore/private-file.ts';

/** Where somebody may have made it long, it is not read. */
const maxBytes = 4 * 2 ** 20;
const place = { table: 'endtoend.epoch', row: '', column: 'sealed' };

export interface Beside {
  readonly generation: number;
  /** By JID. */
  readonly epochs: ReadonlyMap<string, number>;
}

/** What the file says; undefined when it is missing or was not sealed here: then nothing is known. */
export function readBeside(path: string, key: KeystoreKey): Beside | undefined {
  const bytes = readPrivateFile(path);
  if (bytes === undefined || bytes.length > maxBytes) return undefined;
  try {
    const lines = fromUtf8(openColumn(key, place, bytes)).split('\n');
    const epochs = new Map<string, number>();
    for (const line of lines.slice(1)) {
      const [epoch = '', jid = ''] = line.split(' ', 2);
      epochs.set(jid, number(epoch));
    }
    return { generation: number(lines[0] ?? ''), epochs };
  } catch {
    return undefined;
  }
}

/** Puts it there, durable. */
export function writeBeside(path: string, key: KeystoreKey, { generation, epochs }: Beside): void {
  const lines = [String(generation), ...[...epochs].map(([jid, epoch]) => `${epoch} ${jid}`)];
  replacePrivateFile(path, sealColumn(key, place, utf8(lines.join('\n'))));
}

function number(digits: string): number {
  const value = Number(digits);
  if (!/^\d+$/.test(digits) || !Number.isSafeInteger(value)) throw new SimppError('storage-failed', 'no number');
  return value;
}
