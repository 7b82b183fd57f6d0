// The files of the repository, as far as the tests of the documents read them.
import { readdir } from 'node:fs/promises';

/** The root folder. */
export const repository = new URL('../../', import.meta.url);

const foreign: ReadonlySet<string> = new Set(['node_modules', 'dist', 'coverage', '.git', '.simpp', '.work']);

/** Names, relative to the root, of the files in a folder and below it whose names end so. */
export async function filesBelow(folder: string, ending: string): Promise<readonly string[]> {
  const base = folder === '' ? '' : `${folder}/`;
  const found: string[] = [];
  for (const entry of await readdir(new URL(base, repository), { withFileTypes: true })) {
    if (foreign.has(entry.name)) continue;
    if (entry.isDirectory()) found.push(...(await filesBelow(base + entry.name, ending)));
    else if (entry.name.endsWith(ending)) found.push(base + entry.name);
  }
  return found.toSorted();
}
