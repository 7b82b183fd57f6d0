// Entity and character references (XML 1.0 §4.1, §4.6). XMPP knows only the
// five predefined entities (RFC 6120 §11.1).

import { SimppError } from '../errors.ts';
import { isCharacter } from './character.ts';

const predefined: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** The character that `&name;` stands for, given `name`; throws SimppError on anything but XMPP's. */
export function referred(name: string): string {
  const known = predefined.get(name);
  if (known !== undefined) return known;
  if (!name.startsWith('#')) {
    if (/^[\p{L}_:][\p{L}\p{N}\p{M}_:.-]*$/u.test(name)) {
      throw new SimppError('restricted-xml', 'Entity references other than the predefined ones are not allowed.');
    }
    throw new SimppError('not-well-formed', 'An ampersand begins no reference.');
  }
  const digits = /^#(?:x([0-9a-fA-F]+)|([0-9]+))$/.exec(name);
  const point = digits === null ? -1 : digits[1] !== undefined ? Number.parseInt(digits[1], 16) : Number(digits[2]);
  if (point < 0 || !isCharacter(point)) {
    throw new SimppError('not-well-formed', 'A character reference names no character of XML.');
  }
  return String.fromCodePoint(point);
}

/** A text with its references resolved. */
export function resolveReferences(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&([^;]*);?/g, (whole, name: string) => {
    if (!whole.endsWith(';')) throw new SimppError('not-well-formed', 'A reference does not end.');
    return referred(name);
  });
}
