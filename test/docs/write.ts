// Writes the generated tables into docs/protocol.md.
import { readFile, writeFile } from 'node:fs/promises';
import { withTables } from './tables.ts';

const page = new URL('../../docs/protocol.md', import.meta.url);
await writeFile(page, withTables(await readFile(page, 'utf8')));
