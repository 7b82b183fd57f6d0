// Cuts an XMPP stream (RFC 6120 §4) into header, stanzas, keepalives and
// footer, on bytes: no tree, no decoding. The parts, put together, are the
// input byte for byte. What passes is well-formed, restricted XML (RFC 6120
// §11.1) in valid UTF-8 and within the limits, which are enforced as bytes
// arrive; only the binding of prefixes is left to those who read the parts.

import { asSimppError, SimppError } from '../errors.ts';
import { BoundaryScanner } from './boundary.ts';
import { flags, SPACE } from './character.ts';
import { byteOrderMarkLength, declarationLength } from './declaration.ts';

/** Sizes in bytes; depth counts elements from the stream's child, which has depth 1. */
export interface ScannerLimits {
  readonly maxHeaderBytes: number;
  readonly maxElementBytes: number;
  readonly maxDepth: number;
}

/** For bytes of clients: Prosody's stanza limit, and more than twice the nesting of any known XEP. */
export const clientLimits: ScannerLimits = { maxHeaderBytes: 16 * 1024, maxElementBytes: 256 * 1024, maxDepth: 64 };

/** For bytes of the own server, which may send long rosters and archives. */
export const serverLimits: ScannerLimits = {
  maxHeaderBytes: 16 * 1024,
  maxElementBytes: 16 * 1024 * 1024,
  maxDepth: 64,
};

/** One piece of a stream: raw bytes that belong to the receiver. */
export type StreamPart =
  /** XML declaration, if any, and start tag of the root. */
  | { readonly kind: 'header'; readonly bytes: Uint8Array }
  /** One whole child of the root. */
  | { readonly kind: 'element'; readonly bytes: Uint8Array }
  /** White space between children, as much as is there: a keepalive. */
  | { readonly kind: 'space'; readonly bytes: Uint8Array }
  /** End tag of the root. */
  | { readonly kind: 'footer'; readonly bytes: Uint8Array };

const LESS = 0x3c;
const GREATER = 0x3e;
const SLASH = 0x2f;
const nothing = new Uint8Array(0);
/** One that is in the middle of nothing: streams are idle nearly always, and then need none of their own. */
let spare: BoundaryScanner | undefined;

/** What the next byte belongs to. */
type Place =
  /** The very first stream: XML 1.0 §2.8 lets nothing stand before its declaration. */
  | 'before'
  /** A restarted stream, before which white space may still belong to the one that it follows. */
  | 'prolog'
  /** The very first stream, after white space: no declaration any more. */
  | 'spaced'
  | 'header'
  | 'between'
  | 'element'
  | 'footer'
  | 'after';

/**
 * Pull scanner of one direction of one stream. What is pushed is read in place, and must stay as it is; what is
 * returned is a copy, the caller's. Between the parts of a stream it holds next to no memory.
 */
export class StreamScanner {
  readonly #limits: ScannerLimits;
  /** Only within a header or an element. */
  #boundary: BoundaryScanner | undefined;
  #bytes: Uint8Array = nothing;
  /** Whether the scanner itself made `#bytes`: what was pushed is never written to. */
  #isOwn = false;
  #start = 0;
  #end = 0;
  #place: Place = 'before';
  /** Bytes of the part that were seen before, where the boundary scanner does not count. */
  #seen = 0;
  #rootName: Uint8Array = nothing;
  #failure: SimppError | undefined;

  constructor(limits: ScannerLimits) {
    this.#limits = limits;
  }

  /** Adds received bytes. The caller pulls with `next` before it pushes more, so the buffer stays within limits. */
  push(chunk: Uint8Array): void {
    const buffered = this.#end - this.#start;
    if (buffered === 0) {
      // Not as the Buffer that it may be: slices of that are no copies.
      this.#bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
      this.#isOwn = false;
      this.#start = 0;
      this.#end = chunk.length;
      return;
    }
    if (!this.#isOwn || this.#end + chunk.length > this.#bytes.length) this.#makeRoom(buffered + chunk.length);
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** The next whole part; undefined when more bytes are needed. Throws SimppError, the same one again ever after. */
  next(): StreamPart | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      const part = this.#scan();
      // The beginning of a part must not hold all that came before it.
      const waiting = this.#end - this.#start;
      if (part === undefined && waiting > 0 && this.#start > 0 && !this.#isOwn) this.#makeRoom(waiting);
      return part;
    } catch (thrown) {
      this.#failure = asSimppError(thrown);
      throw this.#failure;
    }
  }

  /** The next part is a header again, after SASL or TLS; bytes that wait are kept (a client may pipeline them). */
  restart(): void {
    this.#place = 'prolog';
    this.#seen = 0;
  }

  /** Bytes that were pushed and are in no part yet. */
  get bufferedBytes(): number {
    return this.#end - this.#start;
  }

  /** Removes and returns the bytes that are in no part yet: they belong to what follows the XML. */
  takeBuffered(): Uint8Array {
    const rest = this.#bytes.slice(this.#start, this.#end);
    this.#consume(this.#end);
    this.#boundary = undefined;
    if (this.#place === 'element' || this.#place === 'footer') this.#place = 'between';
    else if (this.#place === 'header') this.#place = 'prolog';
    this.#seen = 0;
    return rest;
  }

  #scan(): StreamPart | undefined {
    while (this.#start < this.#end) {
      switch (this.#place) {
        case 'before':
        case 'prolog':
        case 'spaced': {
          const space = this.#space();
          if (space !== undefined) return space;
          const length = this.#prolog();
          if (length < 0) return undefined;
          this.#place = 'header';
          this.#seen = length;
          this.#begin(true, length);
          break;
        }
        case 'header':
          return this.#header();
        case 'between': {
          const space = this.#space();
          if (space !== undefined) return space;
          if (!this.#beginPart()) return undefined;
          break;
        }
        case 'element':
          return this.#element();
        case 'footer':
          return this.#footer();
        case 'after': {
          const space = this.#space();
          if (space !== undefined) return space;
          throw new SimppError('not-well-formed', 'Something follows the end of the stream.');
        }
      }
    }
    return undefined;
  }

  #space(): StreamPart | undefined {
    let at = this.#start;
    while (at < this.#end && (flags[this.#bytes[at]!]! & SPACE) !== 0) at++;
    if (at === this.#start) return undefined;
    if (this.#place === 'before') this.#place = 'spaced';
    return { kind: 'space', bytes: this.#cut(at) };
  }

  /** Length of what precedes the root's start tag, -1 when more bytes are needed to know. */
  #prolog(): number {
    if (this.#place === 'spaced') return 0;
    const mark = byteOrderMarkLength(this.#bytes, this.#start, this.#end);
    if (mark < 0) return -1;
    const declaration = declarationLength(this.#bytes, this.#start + mark, this.#end);
    return declaration < 0 ? -1 : mark + declaration;
  }

  #header(): StreamPart | undefined {
    const end = Math.min(this.#end, this.#start + this.#limits.maxHeaderBytes);
    let first = this.#start + this.#seen;
    while (first < end && (flags[this.#bytes[first]!]! & SPACE) !== 0) first++;
    if (first - this.#start !== this.#seen) {
      this.#seen = first - this.#start;
      this.#begin(true, this.#seen);
    }
    if (first < end) {
      if (this.#bytes[first] !== LESS) throw new SimppError('not-well-formed', 'A stream does not begin with a tag.');
      const boundary = this.#boundary!; // begun with the header
      const behind = boundary.scan(this.#bytes, this.#start, end);
      if (behind >= 0) {
        this.#rootName = boundary.rootName(this.#bytes, this.#start);
        this.#release();
        this.#place = 'between';
        return { kind: 'header', bytes: this.#cut(behind) };
      }
    }
    return this.#more(this.#limits.maxHeaderBytes);
  }

  /** Decides between element and footer; false when more bytes are needed to know. */
  #beginPart(): boolean {
    if (this.#bytes[this.#start] !== LESS) {
      throw new SimppError('not-well-formed', 'Text stands between the children of the stream.');
    }
    if (this.#end - this.#start < 2) return false;
    this.#seen = 2;
    this.#place = this.#bytes[this.#start + 1] === SLASH ? 'footer' : 'element';
    this.#begin(false, 0);
    return true;
  }

  #element(): StreamPart | undefined {
    const end = Math.min(this.#end, this.#start + this.#limits.maxElementBytes);
    const behind = this.#boundary!.scan(this.#bytes, this.#start, end); // begun with the element
    if (behind < 0) return this.#more(this.#limits.maxElementBytes);
    this.#release();
    this.#place = 'between';
    return { kind: 'element', bytes: this.#cut(behind) };
  }

  #footer(): StreamPart | undefined {
    const end = Math.min(this.#end, this.#start + this.#limits.maxHeaderBytes);
    for (; this.#start + this.#seen < end; this.#seen++) {
      const byte = this.#bytes[this.#start + this.#seen]!;
      const inName = this.#seen - 2;
      if (inName < this.#rootName.length) {
        if (byte === this.#rootName[inName]) continue;
      } else if (byte === GREATER) {
        this.#place = 'after';
        return { kind: 'footer', bytes: this.#cut(this.#start + this.#seen + 1) };
      } else if ((flags[byte]! & SPACE) !== 0) continue;
      throw new SimppError('not-well-formed', 'An end tag does not match the start tag of the stream.');
    }
    return this.#more(this.#limits.maxHeaderBytes);
  }

  /** The part needs more bytes: none are there, or the limit is reached. */
  #more(limit: number): undefined {
    if (this.#end - this.#start >= limit) throw new SimppError('too-large');
  }

  #cut(end: number): Uint8Array {
    const bytes = this.#bytes.slice(this.#start, end);
    this.#consume(end);
    return bytes;
  }

  #consume(end: number): void {
    this.#start = end;
    if (end === this.#end) this.#bytes = nothing;
  }

  /** Makes the buffer one of our own, with what waits in it and room for `needed` bytes. */
  #makeRoom(needed: number): void {
    const waiting = this.#bytes.subarray(this.#start, this.#end);
    // Doubling keeps the cost of many small pieces linear; moving within needs half of the buffer free for the same reason.
    const fits = this.#isOwn && needed * 2 <= this.#bytes.length;
    const target = fits ? this.#bytes : new Uint8Array(needed * 2);
    target.set(waiting);
    this.#bytes = target;
    this.#isOwn = true;
    this.#start = 0;
    this.#end = waiting.length;
  }

  #begin(onlyStartTag: boolean, at: number): void {
    if (this.#boundary === undefined) {
      this.#boundary = spare ?? new BoundaryScanner();
      spare = undefined;
    }
    this.#boundary.begin(this.#limits.maxDepth, onlyStartTag, at);
  }

  #release(): void {
    spare = this.#boundary;
    this.#boundary = undefined;
  }
}
