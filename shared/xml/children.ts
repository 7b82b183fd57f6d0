// Walking over the raw bytes of one whole element, as the scanner cuts it:
// ranges of children and text, without a tree. Tag names are not compared
// again, the scanner has done that.

import { SimppError } from '../errors.ts';
import { resolveReferences } from './reference.ts';
import { tagEnd } from './tag.ts';
import { decode } from './utf8.ts';

const LESS = 0x3c;
const GREATER = 0x3e;
const SLASH = 0x2f;
const BANG = 0x21;

/** Byte offsets of something inside an element: from `start` to just before `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

function malformed(): SimppError {
  return new SimppError('not-well-formed', 'An element does not end.');
}

/** Whether the tag that ends before `end` closes itself. */
function closesItself(bytes: Uint8Array, end: number): boolean {
  return bytes[end - 2] === SLASH;
}

/** Offset behind the CDATA section that begins at `start`. */
export function cdataEnd(bytes: Uint8Array, start: number): number {
  for (let at = start + 9; at + 2 < bytes.length; at++) {
    if (bytes[at] === 0x5d && bytes[at + 1] === 0x5d && bytes[at + 2] === 0x3e) return at + 3;
  }
  throw malformed();
}

/** Offset of the next `<` at or after `at`. */
function nextMarkup(bytes: Uint8Array, at: number): number {
  const found = bytes.indexOf(LESS, at);
  if (found < 0) throw malformed();
  return found;
}

/** Offset behind the element whose start tag begins at `start`. */
export function elementEnd(bytes: Uint8Array, start: number): number {
  let depth = 0;
  let at = start;
  do {
    at = nextMarkup(bytes, at);
    const next = bytes[at + 1];
    if (next === BANG) at = cdataEnd(bytes, at);
    else {
      at = tagEnd(bytes, at);
      if (next === SLASH) depth--;
      else if (!closesItself(bytes, at)) depth++;
    }
  } while (depth > 0);
  return at;
}

/** What stands between start and end tag; undefined for an element that closes itself. */
export function contentOf(element: Uint8Array): ByteRange | undefined {
  const start = tagEnd(element, nextMarkup(element, 0));
  if (closesItself(element, start)) return undefined;
  const end = element.lastIndexOf(LESS);
  if (end < start || element[end + 1] !== SLASH || element.at(-1) !== GREATER) throw malformed();
  return { start, end };
}

/** Byte ranges of an element's children that are elements, in order. */
export function childElements(element: Uint8Array): readonly ByteRange[] {
  const content = contentOf(element);
  const children: ByteRange[] = [];
  if (content === undefined) return children;
  let at = nextMarkup(element, content.start);
  while (at < content.end) {
    const start = at;
    const isElement = element[at + 1] !== BANG;
    at = isElement ? elementEnd(element, at) : cdataEnd(element, at);
    if (isElement) children.push({ start, end: at });
    at = nextMarkup(element, at);
  }
  return children;
}

/** Decoded character data of an element that has no child elements. */
export function textOf(element: Uint8Array): string {
  const content = contentOf(element);
  if (content === undefined) return '';
  // Line ends are normalised before anything else (XML 1.0 §2.11).
  const written = decode(element.subarray(content.start, content.end)).replace(/\r\n?/g, '\n');
  let text = '';
  let at = 0;
  while (at < written.length) {
    const markup = written.indexOf('<', at);
    if (markup < 0) return text + resolveReferences(written.slice(at));
    const end = written.indexOf(']]>', markup);
    if (!written.startsWith('<![CDATA[', markup) || end < 0) {
      throw new SimppError('unexpected-element', 'An element that carries text has child elements.');
    }
    text += resolveReferences(written.slice(at, markup)) + written.slice(markup + 9, end);
    at = end + 3;
  }
  return text;
}
