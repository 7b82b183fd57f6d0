// Reading the first start tag of an element or stream header straight from
// its bytes: one decoding, no tree. What stands there was passed by the
// scanner; anything else throws `not-well-formed`.

import { SimppError } from '../errors.ts';
import { resolveReferences } from './reference.ts';
import { decode } from './utf8.ts';

/** A start tag: names as written, attribute values decoded, byte offsets from `<` to behind `>`. */
export interface StartTag {
  readonly name: string;
  /** Empty without prefix. */
  readonly prefix: string;
  readonly local: string;
  /** Qualified name → decoded value, namespace declarations included. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly selfClosing: boolean;
  readonly start: number;
  readonly end: number;
}

/** Prefix → namespace; the default namespace has the prefix ''. */
export type Bindings = ReadonlyMap<string, string>;

/** What is bound without any declaration (Namespaces in XML §3). */
export const noBindings: Bindings = new Map([['xml', 'http://www.w3.org/XML/1998/namespace']]);

const LESS = 0x3c;
const GREATER = 0x3e;

function malformed(): SimppError {
  return new SimppError('not-well-formed', 'No complete start tag where one was expected.');
}

/** Offset of the first `<` that begins a tag at or after `at`, past a byte order mark, white space and XML declaration. */
function tagStart(bytes: Uint8Array, at: number): number {
  let start = bytes.indexOf(LESS, at);
  if (start >= 0 && bytes[start + 1] === 0x3f) start = bytes.indexOf(LESS, start + 1);
  if (start < 0) throw malformed();
  return start;
}

/** Offset behind the `>` of the tag that begins at `start`: the first one outside quotes. */
export function tagEnd(bytes: Uint8Array, start: number): number {
  let quote = 0;
  for (let at = start + 1; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (quote !== 0) {
      if (byte === quote) quote = 0;
    } else if (byte === GREATER) return at + 1;
    else if (byte === 0x22 || byte === 0x27) quote = byte;
  }
  throw malformed();
}

// White space is XML's four characters: JavaScript's \s has more, some of which are allowed in names.
const namePattern = /<([^ \t\r\n/>!?="'<]+)/y;
const attributePattern = /[ \t\r\n]+([^ \t\r\n=/>"'<]+)[ \t\r\n]*=[ \t\r\n]*(?:"([^"<]*)"|'([^'<]*)')/y;
const closePattern = /[ \t\r\n]*(\/?)>/y;

/** What a start tag says, wherever it stands. */
export type TagContent = Pick<StartTag, 'name' | 'attributes' | 'selfClosing'>;

/** Reads the start tag that begins at `at` in decoded XML; `end` is the index behind it. */
export function parseStartTag(text: string, at: number): TagContent & { readonly end: number } {
  namePattern.lastIndex = at;
  const name = namePattern.exec(text)?.[1];
  if (name === undefined) throw malformed();
  const attributes = new Map<string, string>();
  let position = namePattern.lastIndex;
  for (;;) {
    attributePattern.lastIndex = position;
    const match = attributePattern.exec(text);
    if (match === null) break;
    position = attributePattern.lastIndex;
    attributes.set(match[1]!, attributeValue(match[2] ?? match[3] ?? ''));
  }
  closePattern.lastIndex = position;
  const close = closePattern.exec(text);
  if (close === null) throw malformed();
  return { name, attributes, selfClosing: close[1] === '/', end: closePattern.lastIndex };
}

/** Reads the first start tag at or after `at`; what follows is not looked at. */
export function readStartTag(bytes: Uint8Array, at = 0): StartTag {
  const start = tagStart(bytes, at);
  const end = tagEnd(bytes, start);
  const text = decode(bytes.subarray(start, end));
  const { name, attributes, selfClosing, end: behind } = parseStartTag(text, 0);
  if (behind !== text.length) throw malformed();
  const colon = name.indexOf(':');
  return {
    name,
    prefix: colon < 0 ? '' : name.slice(0, colon),
    local: name.slice(colon + 1),
    attributes,
    selfClosing,
    start,
    end,
  };
}

/** Attribute-value normalisation, XML 1.0 §3.3.3: written white space becomes spaces, referred one stays. */
function attributeValue(written: string): string {
  const normal = /[\t\n\r]/.test(written) ? written.replace(/\r\n|[\t\n\r]/g, ' ') : written;
  return resolveReferences(normal);
}

/** The bindings inside an element: those around it and its own; the same object when it declares none. */
export function bindingsOf(tag: StartTag, outer: Bindings = noBindings): Bindings {
  let own: Map<string, string> | undefined;
  for (const [name, value] of tag.attributes) {
    if (name !== 'xmlns' && !name.startsWith('xmlns:')) continue;
    own ??= new Map(outer);
    own.set(name.slice(6), value);
  }
  return own ?? outer;
}

/** Namespace of an element; `scope` are the bindings around it, its own declarations count first. */
export function namespaceOf(tag: StartTag, scope: Bindings = noBindings): string | undefined {
  const own = tag.attributes.get(tag.prefix === '' ? 'xmlns' : `xmlns:${tag.prefix}`);
  const namespace = own ?? scope.get(tag.prefix);
  return namespace === '' ? undefined : namespace;
}

/** Whether an element has this namespace and local name; `scope` are the bindings around it. */
export function isElement(tag: StartTag, scope: Bindings, namespace: string, local: string): boolean {
  return tag.local === local && namespaceOf(tag, scope) === namespace;
}
