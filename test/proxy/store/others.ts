// What others do with a database: a second process that opens it, a thief who reads it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const sqliteModule = fileURLToPath(new URL('../../../proxy/store/sqlite.ts', import.meta.url));

/** Opens the database in another process; what became of it: "opened", or the error's code. */
export async function openElsewhere(path: string): Promise<string> {
  const script = `
    const { Database } = await import(process.argv[1]);
    try {
      Database.open(process.argv[2], { busyTimeoutMs: 50 }).close();
      process.stdout.write('opened');
    } catch (error) {
      process.stdout.write(error.code);
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, '--', sqliteModule, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await once(child, 'close');
  return output;
}

/** All bytes of the database and of what lies beside it, as a thief would have them; only of a closed one. */
export function stolenBytes(path: string): Buffer {
  const folder = dirname(path);
  return Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))));
}

/** Whether the thief finds these bytes or this text. */
export function holds(stolen: Buffer, wanted: Uint8Array | string): boolean {
  return stolen.includes(typeof wanted === 'string' ? wanted : Buffer.from(wanted));
}
