// What a page for operators tells people to write, taken from the page: if the
// page is wrong, the program that gets these lines does not start.
import { readFile } from 'node:fs/promises';

/** The code blocks of a page under the heading, in order; `kind` is the word behind their fence. */
export async function linesOf(page: string, heading: string, kind: string): Promise<readonly string[]> {
  const text = await readFile(new URL(`../../../docs/operate/${page}`, import.meta.url), 'utf8');
  const start = text.indexOf(`\n## ${heading}\n`);
  if (start < 0) throw new Error(`${page} has no heading "${heading}"`);
  const end = text.indexOf('\n## ', start + 1);
  const section = text.slice(start, end < 0 ? undefined : end);
  const blocks = Array.from(section.matchAll(/^```(\w*)\n([^]*?)^```$/gm), ([, word, lines]) => ({ word, lines }));
  return blocks.filter(({ word }) => word === kind).map(({ lines }) => lines ?? '');
}

/** The first of them; fails when there is none. */
export async function firstLinesOf(page: string, heading: string, kind: string): Promise<string> {
  const [first] = await linesOf(page, heading, kind);
  if (first === undefined) throw new Error(`${page} has no lines of ${kind} under "${heading}"`);
  return first;
}

/** Text with something in it replaced; fails when it is not there. */
export function replaced(text: string, what: string, by: string): string {
  if (!text.includes(what)) throw new Error(`${JSON.stringify(what)} is not in ${JSON.stringify(text)}`);
  return text.replaceAll(what, by);
}
