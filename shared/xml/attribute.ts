// Changing one attribute of the first start tag of an element or stream header;
// every other byte stays.

import { concat, utf8 } from '../bytes.ts';
import { readStartTag } from './tag.ts';
import { decode } from './utf8.ts';
import { escapeAttribute } from './write.ts';

/** With one more attribute, which must not be there yet; it comes first. */
export function withAttribute(bytes: Uint8Array, name: string, value: string): Uint8Array {
  const tag = readStartTag(bytes);
  const behindName = tag.start + 1 + utf8(tag.name).length;
  const attribute = utf8(` ${name}='${escapeAttribute(value)}'`);
  return concat(bytes.subarray(0, behindName), attribute, bytes.subarray(behindName));
}

/** Without an attribute; the same array when it is not there. */
export function withoutAttribute(bytes: Uint8Array, name: string): Uint8Array {
  const tag = readStartTag(bytes);
  if (!tag.attributes.has(name)) return bytes;
  const written = decode(bytes.subarray(tag.start, tag.end));
  return concat(bytes.subarray(0, tag.start), utf8(without(written, tag.name, name)), bytes.subarray(tag.end));
}

/** Going from attribute to attribute, no look-alike inside quotes is met. */
function without(tag: string, tagName: string, attribute: string): string {
  const next = /\s+([^\s=]+)\s*=\s*(?:"[^"]*"|'[^']*')/y;
  for (let at = tagName.length + 1; ; at = next.lastIndex) {
    next.lastIndex = at;
    const match = next.exec(tag);
    if (match === null) return tag;
    if (match[1] === attribute) return tag.slice(0, at) + tag.slice(next.lastIndex);
  }
}
