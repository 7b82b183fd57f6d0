// Writes what is generated: tables and blocks of the pages, and the man pages.
import { readFile, writeFile } from 'node:fs/promises';
import { writeManPages } from './man-files.ts';
import { withSettings } from './settings.ts';
import { withTables } from './tables.ts';
import { withChecks, withGatewayUnit, withProxyUnit } from './units.ts';

for (const [name, withGeneratedTables] of [
  ['protocol', withTables],
  ['configuration', withSettings],
  ['operate/README', withGatewayUnit],
  ['guide/service', withProxyUnit],
  ['guide/doctor', withChecks],
] as const) {
  const page = new URL(`../../docs/${name}.md`, import.meta.url);
  await writeFile(page, withGeneratedTables(await readFile(page, 'utf8')));
}

await writeManPages(new Date());
