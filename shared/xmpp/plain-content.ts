// What of an unencrypted message a person would see, or see the work of: texts
// and links, and what acts on earlier messages. Where people encrypt, none of
// it may pass as if a contact had said it (design §5, Receiving).
import { concat, utf8 } from '../bytes.ts';
import type { Bindings } from '../xml/tag.ts';
import { bindingsOf, isElement, namespaceOf, readStartTag } from '../xml/tag.ts';
import { element, escapeText } from '../xml/write.ts';
import { ns } from './namespaces.ts';
import { type Child, childrenOf } from './stanza.ts';

/** What of a message people would see. */
export interface PlainContent {
  /** Texts, subjects, links and files. */
  readonly isShown: boolean;
  /** What changes an earlier message. */
  readonly isActing: boolean;
}

/**
 * Parts of names, one of which is in the bytes of each message that has such content: names of elements, since those
 * cannot be written with references, as a namespace can (XML 1.0 §4.1).
 */
export const plainContentNames: readonly string[] = [
  'body',
  'subject',
  'url',
  'file-sharing',
  'media-sharing',
  'retract',
  'apply-to',
  'reactions',
  'replace',
];

/** Looks at the children of a message. */
export function plainContent(stanza: Uint8Array, scope: Bindings): PlainContent {
  const children = childrenOf(stanza, scope);
  return { isShown: children.some(isShown), isActing: children.some(isActing) };
}

/** The same message without what acts on earlier ones. */
export function withoutActs(stanza: Uint8Array, scope: Bindings): Uint8Array {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const child of childrenOf(stanza, scope)) {
    if (!isActing(child)) continue;
    const start = child.bytes.byteOffset - stanza.byteOffset;
    pieces.push(stanza.subarray(at, start));
    at = start + child.bytes.length;
  }
  return pieces.length === 0 ? stanza : concat(...pieces, stanza.subarray(at));
}

/** The same message with a text at its end, for one that has none to put a mark before. */
export function withBody(stanza: Uint8Array, scope: Bindings, text: string): Uint8Array {
  const tag = readStartTag(stanza);
  const end = stanza.length - utf8(`</${tag.name}>`).length;
  const xmlns = bindingsOf(tag, scope).get('') === ns.client ? undefined : ns.client;
  return concat(stanza.subarray(0, end), utf8(element('body', { xmlns }, escapeText(text))), stanza.subarray(end));
}

function isShown({ tag, scope }: Child): boolean {
  return (
    isElement(tag, scope, ns.client, 'body') ||
    isElement(tag, scope, ns.client, 'subject') ||
    isElement(tag, scope, ns.xhtmlIm, 'html') ||
    isElement(tag, scope, ns.outOfBand, 'x') ||
    isOfAnyVersion(tag, scope, 'file-sharing', ns.fileSharingBase) ||
    isOfAnyVersion(tag, scope, 'reference', ns.referenceBase)
  );
}

function isActing({ tag, scope }: Child): boolean {
  return (
    isOfAnyVersion(tag, scope, 'retract', ns.retractBase) ||
    isOfAnyVersion(tag, scope, 'apply-to', ns.fastenBase) ||
    isOfAnyVersion(tag, scope, 'reactions', ns.reactionsBase) ||
    isOfAnyVersion(tag, scope, 'replace', ns.correctBase)
  );
}

function isOfAnyVersion(tag: Child['tag'], scope: Bindings, local: string, base: string): boolean {
  return tag.local === local && namespaceOf(tag, scope)?.startsWith(base) === true;
}
