// The table for a language tag (RFC 5646) of a stanza or stream.
import { english } from './english.ts';
import { german } from './german.ts';
import type { Words } from './words.ts';

const tables: readonly Words[] = [english, german];

/** The words of the first of these languages that there is; English without. */
export function wordsFor(...tags: readonly (string | undefined)[]): Words {
  for (const tag of tags) {
    const language = tag?.split('-', 1)[0]?.toLowerCase();
    const table = tables.find((each) => each.language === language);
    if (table !== undefined) return table;
  }
  return english;
}
