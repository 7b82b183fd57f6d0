// Finds where one element, or the start tag of a stream, ends, in bytes that
// arrive in any pieces, and proves on the way that it is well-formed. One pass:
// each byte is looked at once; only lookaheads of a few bytes (multi-byte
// characters, references, `<![CDATA[`, `]]>`) are read again when a piece ends
// inside them. Long on purpose: the loop must be one function to be fast.

import { SimppError } from '../errors.ts';
import { CDATA_STOP, flags, NAME, NAME_START, SPACE, TEXT_STOP, VALUE_STOP } from './character.ts';
import { AttributeNames, checkName } from './name.ts';
import { referred } from './reference.ts';
import { decode, sequenceLength } from './utf8.ts';

// What the next byte belongs to.
const TEXT = 0;
const OPEN = 1;
const START_NAME = 2;
const TAG = 3;
const SPACE_IN_TAG = 4;
const ATTRIBUTE_NAME = 5;
const EQUALS = 6;
const QUOTE = 7;
const VALUE = 8;
const EMPTY_TAG = 9;
const END_NAME = 10;
const END_TAG = 11;
const CDATA = 12;

const LESS = 0x3c;
const GREATER = 0x3e;
const SLASH = 0x2f;
const AMPERSAND = 0x26;
const SEMICOLON = 0x3b;
const BRACKET = 0x5d;
const APOSTROPHE = 0x27;
const QUOTATION = 0x22;

const cdataOpen = Uint8Array.from('<![CDATA[', (char) => char.charCodeAt(0));
// The longest reference that means something is &#x10FFFF;, but zeros may lead.
const maxReferenceBytes = 64;

function malformed(what: string): SimppError {
  return new SimppError('not-well-formed', what);
}

/** Scans one element, or one stream's start tag; `begin` before each. */
export class BoundaryScanner {
  #maxDepth = 0;
  readonly #attributes = new AttributeNames();
  // Start tags that are open: where their names begin and end. All offsets count from the part's first byte.
  readonly #nameFroms: number[] = [];
  readonly #nameTos: number[] = [];
  #depth = 0;
  #state = TEXT;
  #at = 0;
  /** First byte of the token that is being read. */
  #token = 0;
  #quote = 0;
  #onlyStartTag = false;

  /**
   * Begins anew, `at` so many bytes into the part; with `onlyStartTag` it ends with its first start tag, else with the
   * matching end tag.
   */
  begin(maxDepth: number, onlyStartTag: boolean, at: number): void {
    this.#maxDepth = maxDepth;
    this.#depth = 0;
    this.#state = TEXT;
    this.#at = at;
    this.#onlyStartTag = onlyStartTag;
    this.#attributes.clear();
  }

  /**
   * Goes on with the part that begins at `base`, whose bytes reach to `end`: returns the offset behind it, or -1
   * when it needs more. Between calls the part may move in memory, but must keep the bytes already seen.
   */
  scan(bytes: Uint8Array, base: number, end: number): number {
    let at = base + this.#at;
    let state = this.#state;
    let token = base + this.#token;
    scanning: while (at < end) {
      switch (state) {
        case TEXT: {
          let byte = bytes[at]!;
          while ((flags[byte]! & TEXT_STOP) === 0) {
            if (++at === end) break scanning;
            byte = bytes[at]!;
          }
          if (byte === LESS) {
            at++;
            state = OPEN;
            break;
          }
          const length = this.#special(bytes, at, end, true);
          if (length === 0) break scanning;
          at += length;
          break;
        }
        case OPEN: {
          const byte = bytes[at]!;
          if (byte === SLASH) {
            at++;
            state = END_NAME;
            token = at;
          } else if ((flags[byte]! & NAME_START) !== 0) {
            if (this.#depth === this.#maxDepth) throw new SimppError('too-deep');
            state = START_NAME;
            token = at;
          } else {
            const length = openingOfCdata(bytes, at - 1, end);
            if (length === 0) break scanning;
            if (this.#depth === 0) throw malformed('Text stands between the children of the stream.');
            at += length - 1;
            state = CDATA;
          }
          break;
        }
        case START_NAME: {
          while ((flags[bytes[at]!]! & NAME) !== 0) if (++at === end) break scanning;
          checkName(bytes, token, at);
          this.#nameFroms[this.#depth] = token - base;
          this.#nameTos[this.#depth] = at - base;
          this.#depth++;
          this.#attributes.clear();
          state = TAG;
          break;
        }
        case TAG:
        case SPACE_IN_TAG: {
          const byte = bytes[at]!;
          if (byte === GREATER) {
            at++;
            if (this.#onlyStartTag) return at;
            state = TEXT;
          } else if (byte === SLASH) {
            if (this.#onlyStartTag) throw malformed('A stream ends in the tag that begins it.');
            at++;
            state = EMPTY_TAG;
          } else if ((flags[byte]! & SPACE) !== 0) {
            at++;
            state = SPACE_IN_TAG;
          } else if (state === SPACE_IN_TAG && (flags[byte]! & NAME_START) !== 0) {
            state = ATTRIBUTE_NAME;
            token = at;
          } else throw malformed('A start tag has something else than attributes.');
          break;
        }
        case ATTRIBUTE_NAME: {
          while ((flags[bytes[at]!]! & NAME) !== 0) if (++at === end) break scanning;
          checkName(bytes, token, at);
          this.#attributes.add(bytes, base, token - base, at - base);
          state = EQUALS;
          break;
        }
        case EQUALS: {
          const byte = bytes[at]!;
          if (byte === 0x3d) state = QUOTE;
          else if ((flags[byte]! & SPACE) === 0) throw malformed('An attribute has no value.');
          at++;
          break;
        }
        case QUOTE: {
          const byte = bytes[at]!;
          if (byte === APOSTROPHE || byte === QUOTATION) {
            this.#quote = byte;
            state = VALUE;
          } else if ((flags[byte]! & SPACE) === 0) throw malformed('The value of an attribute is not in quotes.');
          at++;
          break;
        }
        case VALUE: {
          let byte = bytes[at]!;
          while ((flags[byte]! & VALUE_STOP) === 0) {
            if (++at === end) break scanning;
            byte = bytes[at]!;
          }
          if (byte === this.#quote) {
            at++;
            state = TAG;
            break;
          }
          const length = this.#special(bytes, at, end, false);
          if (length === 0) break scanning;
          at += length;
          break;
        }
        case EMPTY_TAG:
          if (bytes[at] !== GREATER) throw malformed('A slash in a start tag is not followed by its end.');
          at++;
          if (--this.#depth === 0) return at;
          state = TEXT;
          break;
        case END_NAME: {
          // XML 1.0 §3: an end tag repeats the name of its start tag.
          const from = base + this.#nameFroms[this.#depth - 1]!;
          const length = base + this.#nameTos[this.#depth - 1]! - from;
          for (let matched = at - token; matched < length; matched++, at++) {
            if (at === end) break scanning;
            if (bytes[at] !== bytes[from + matched]) throw malformed('An end tag does not match its start tag.');
          }
          state = END_TAG;
          token = at;
          break;
        }
        case END_TAG: {
          const byte = bytes[at]!;
          if (byte === GREATER) {
            at++;
            if (--this.#depth === 0) return at;
            state = TEXT;
          } else if ((flags[byte]! & SPACE) !== 0) at++;
          else throw malformed('An end tag does not match its start tag.');
          break;
        }
        case CDATA: {
          let byte = bytes[at]!;
          while ((flags[byte]! & CDATA_STOP) === 0) {
            if (++at === end) break scanning;
            byte = bytes[at]!;
          }
          if (byte === BRACKET) {
            const closing = closingOfCdata(bytes, at, end);
            if (closing < 0) break scanning;
            if (closing > 0) state = TEXT;
            at += closing > 0 ? closing : 1;
            break;
          }
          const length = this.#special(bytes, at, end, true);
          if (length === 0) break scanning;
          at += length;
          break;
        }
      }
    }
    this.#at = at - base;
    this.#state = state;
    this.#token = token - base;
    return -1;
  }

  /** Name of the outermost element, after its start tag was scanned. */
  rootName(bytes: Uint8Array, base: number): Uint8Array {
    return bytes.slice(base + this.#nameFroms[0]!, base + this.#nameTos[0]!);
  }

  /** Length of what stopped a fast run, when it is allowed there; 0 when it needs more bytes. */
  #special(bytes: Uint8Array, at: number, end: number, inContent: boolean): number {
    const byte = bytes[at]!;
    if (byte >= 0x80) return sequenceLength(bytes, at, end);
    if (byte === AMPERSAND) return referenceLength(bytes, at, end);
    if (byte === BRACKET && inContent) {
      const closing = closingOfCdata(bytes, at, end);
      // XML 1.0 §2.4: not in character data, for compatibility with SGML.
      if (closing > 0) throw malformed('The characters ]]> stand outside CDATA.');
      return closing < 0 ? 0 : 1;
    }
    if (byte === APOSTROPHE || byte === QUOTATION) return 1;
    if (byte === LESS) throw malformed('The character < stands in the value of an attribute.');
    throw malformed('A control character stands in the stream.');
  }
}

/** Length of the reference at `at`, 0 when it needs more bytes. */
function referenceLength(bytes: Uint8Array, at: number, end: number): number {
  const limit = Math.min(end, at + maxReferenceBytes);
  let semicolon = at + 1;
  while (semicolon < limit && (bytes[semicolon] === 0x23 || (flags[bytes[semicolon]!]! & NAME) !== 0)) semicolon++;
  if (semicolon === end && end - at < maxReferenceBytes) return 0;
  if (semicolon === limit || bytes[semicolon] !== SEMICOLON) throw malformed('A reference does not end.');
  referred(decode(bytes.subarray(at + 1, semicolon)));
  return semicolon + 1 - at;
}

/** Length of `<![CDATA[` at `at`, 0 when it needs more bytes; throws on any other markup that begins so. */
function openingOfCdata(bytes: Uint8Array, at: number, end: number): number {
  for (let i = 1; i < cdataOpen.length; i++) {
    if (at + i === end) return 0;
    if (bytes[at + i] === cdataOpen[i]) continue;
    // RFC 6120 §11.1: comments, processing instructions and declarations are not allowed.
    const isRestricted = bytes[at + 1] === 0x3f || (bytes[at + 1] === 0x21 && i === 2);
    throw isRestricted ? new SimppError('restricted-xml') : malformed('A < begins no tag.');
  }
  return cdataOpen.length;
}

/** 3 when `]]>` stands at `at`, 0 when it does not, -1 when it needs more bytes to know. */
function closingOfCdata(bytes: Uint8Array, at: number, end: number): number {
  if (at + 1 === end) return -1;
  if (bytes[at + 1] !== BRACKET) return 0;
  if (at + 2 === end) return -1;
  return bytes[at + 2] === GREATER ? 3 : 0;
}
