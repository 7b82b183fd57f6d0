// One part of the stream on its way through the stages. Most stanzas are
// nobody's concern: a stage asks for the local name first, which is read from
// the bytes as they are, and only what it claims has its start tag decoded.
import type { StreamPart } from '../../shared/xml/scanner.ts';
import { namespaceOf, readStartTag, tagEnd, type Bindings, type StartTag } from '../../shared/xml/tag.ts';
import { ns } from '../../shared/xmpp/namespaces.ts';
import type { Side } from '../relay-end.ts';

export class Arrival {
  readonly from: Side;
  readonly part: StreamPart;
  /** The bindings around an element: those of its direction's stream header. */
  readonly scope: Bindings;
  /** Local name of an element, '' for anything else. */
  readonly local: string;
  #tag: StartTag | undefined;

  constructor(from: Side, part: StreamPart, scope: Bindings) {
    this.from = from;
    this.part = part;
    this.scope = scope;
    this.local = part.kind === 'element' ? localName(part.bytes) : '';
  }

  /** Whether it is an element with this name. */
  is(namespace: string, local: string): boolean {
    return this.local === local && namespaceOf(this.#startTag(), this.scope) === namespace;
  }

  /** Whether it is one of the three that stream management counts (XEP-0198 §4). */
  get isStanza(): boolean {
    const { local } = this;
    if (local !== 'message' && local !== 'presence' && local !== 'iq') return false;
    // What has no prefix and declares nothing is in jabber:client, as its stream usually is (RFC 6120 §4.8.2).
    const isPlain = this.scope.get('') === ns.client && inheritsNamespace(this.part.bytes, local.length + 1);
    return isPlain || this.is(ns.client, local);
  }

  /** An attribute of an element, decoded. */
  attribute(name: string): string | undefined {
    return this.part.kind === 'element' ? this.#startTag().attributes.get(name) : undefined;
  }

  #startTag(): StartTag {
    this.#tag ??= readStartTag(this.part.bytes);
    return this.#tag;
  }
}

const COLON = 0x3a;
// What ends a name in a start tag: white space, `/` and `>`.
const ends: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d, 0x2f, 0x3e]);

/** The local name as it is written behind `<`; one that is not ASCII comes out as none that a stage knows. */
function localName(element: Uint8Array): string {
  let name = '';
  for (let at = 1; at < element.length; at++) {
    const byte = element[at]!;
    if (ends.has(byte)) break;
    name = byte === COLON ? '' : name + String.fromCharCode(byte);
  }
  return name;
}

/** Whether the name ends here, so that it has no prefix, and its tag does not look as if it declared a namespace. */
function inheritsNamespace(element: Uint8Array, nameEnd: number): boolean {
  if (!ends.has(element[nameEnd]!)) return false;
  const end = tagEnd(element, 0);
  for (let at = nameEnd; at < end; at++) {
    if (element[at] === 0x78 && element[at + 1] === 0x6d && element[at + 2] === 0x6c && element[at + 3] === 0x6e) {
      return false;
    }
  }
  return true;
}
