// Which of one's own devices a word means: its code, as the device itself shows
// it, or the beginning of its id.
import { SimppError } from '../../../shared/errors.ts';
import type { DeviceFacts } from '../desk.ts';
import type { Words } from './words/words.ts';

/** Fewer digits of an id would be a guess. */
const minIdDigits = 4;

/** A code of twelve characters in groups of four, as it is compared. */
export function shownCode(code: string): string {
  return code.replace(/[\s-]/g, '').replace(/(.{4})(?=.)/g, '$1-');
}

/** The one device that is meant, of those that can be; throws SimppError `usage`. */
export function findDevice(
  all: readonly DeviceFacts[],
  word: string,
  words: Words,
  isPossible: (device: DeviceFacts) => boolean,
): DeviceFacts {
  const typed = plain(word);
  const possible = all.filter(isPossible);
  const byCode = possible.filter(({ code }) => code !== undefined && plain(code) === typed);
  const byId = typed.length >= minIdDigits ? possible.filter(({ id }) => id.startsWith(typed)) : [];
  const found = byCode.length > 0 ? byCode : byId;
  if (found.length > 1) throw new SimppError('usage', words.severalDevices(word));
  if (found[0] === undefined) throw new SimppError('usage', words.noSuchDevice(word));
  return found[0];
}

function plain(word: string): string {
  return word.replace(/[\s-]/g, '').toLowerCase();
}
