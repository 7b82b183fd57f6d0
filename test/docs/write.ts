// Writes the generated tables into docs/protocol.md and docs/configuration.md.
import { readFile, writeFile } from 'node:fs/promises';
import { withSettings } from './settings.ts';
import { withTables } from './tables.ts';

for (const [name, withGeneratedTables] of [
  ['protocol', withTables],
  ['configuration', withSettings],
] as const) {
  const page = new URL(`../../docs/${name}.md`, import.meta.url);
  await writeFile(page, withGeneratedTables(await readFile(page, 'utf8')));
}
