// The man pages as files.
import { readFile, writeFile, mkdir } from 'node:fs/promises';
import { datedPage, manPages } from './man.ts';

const folder = new URL('../../docs/man/', import.meta.url);

/** Each page's file with what it should hold and what it holds; `today` dates those that have changed. */
export async function manFiles(
  today: Date,
): Promise<readonly { readonly file: URL; readonly wanted: string; readonly found: string | undefined }[]> {
  return Promise.all(
    Object.entries(manPages()).map(async ([name, lines]) => {
      const file = new URL(`${name}.1`, folder);
      const found = await readFile(file, 'utf8').catch(() => undefined);
      return { file, wanted: datedPage(lines, found, today), found };
    }),
  );
}

/** Writes those that have changed. */
export async function writeManPages(today: Date): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { file, wanted, found } of await manFiles(today)) if (wanted !== found) await writeFile(file, wanted);
}
