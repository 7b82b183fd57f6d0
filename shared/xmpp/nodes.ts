// What stands inside an element, text included, in order and byte for byte:
// for rewriting some of it and leaving the rest as it is.

import { childElements, contentOf } from '../xml/children.ts';
import { bindingsOf, type Bindings, readStartTag } from '../xml/tag.ts';
import type { Child } from './stanza.ts';

/** A child element, or the character data (CDATA included) between two of them, as views. */
export type Node = { readonly kind: 'text'; readonly bytes: Uint8Array } | ({ readonly kind: 'element' } & Child);

/** All that stands between start and end tag; put together, the pieces are that range. */
export function nodesOf(element: Uint8Array, scope: Bindings): readonly Node[] {
  const content = contentOf(element);
  if (content === undefined) return [];
  const inner = bindingsOf(readStartTag(element), scope);
  const nodes: Node[] = [];
  let at = content.start;
  const text = (end: number): void => {
    if (end > at) nodes.push({ kind: 'text', bytes: element.subarray(at, end) });
  };
  for (const { start, end } of childElements(element)) {
    text(start);
    const bytes = element.subarray(start, end);
    nodes.push({ kind: 'element', bytes, tag: readStartTag(bytes), scope: inner });
    at = end;
  }
  text(content.end);
  return nodes;
}

/** Whether it is white space only, as between the children of a stanza that a person has indented. */
export function isBlank(text: Uint8Array): boolean {
  return text.every((byte) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09);
}
