// Words of a fixed set, as they come back from the disk.
import { SimppError } from '../../../shared/errors.ts';

/** The word; throws SimppError('storage-failed') when it is none of them. */
export function oneOf<Word extends string>(words: readonly Word[], stored: string): Word {
  const word = words.find((candidate) => candidate === stored);
  if (word === undefined) {
    throw new SimppError('storage-failed', 'The database holds a word that this version of SIMPP does not know.');
  }
  return word;
}

/** The same, where nothing may stand. */
export function optionalOneOf<Word extends string>(
  words: readonly Word[],
  stored: string | undefined,
): Word | undefined {
  return stored === undefined ? undefined : oneOf(words, stored);
}
