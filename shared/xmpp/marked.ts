// A mark before the text of a message, for those who want to see what came
// encrypted and what did not (`annotate`). Nothing else changes.

import { concat, utf8 } from '../bytes.ts';
import type { Bindings } from '../xml/tag.ts';
import { isElement } from '../xml/tag.ts';
import { escapeText } from '../xml/write.ts';
import { ns } from './namespaces.ts';
import { type Child, childrenOf } from './stanza.ts';

/** Puts a mark before the text of each body, in XHTML-IM (XEP-0071) too; the same array where there is none. */
export function marked(stanza: Uint8Array, scope: Bindings, mark: string): Uint8Array {
  const text = utf8(escapeText(mark));
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const { bytes, tag } of bodiesOf(stanza, scope)) {
    // An element that closes itself has no text to mark.
    if (tag.selfClosing) continue;
    const place = bytes.byteOffset - stanza.byteOffset + tag.end;
    pieces.push(stanza.subarray(at, place), text);
    at = place;
  }
  return pieces.length === 0 ? stanza : concat(...pieces, stanza.subarray(at));
}

/** Bodies in their order, all of them views of the stanza's bytes. */
function bodiesOf(stanza: Uint8Array, scope: Bindings): readonly Child[] {
  return childrenOf(stanza, scope).flatMap((child) => {
    if (isElement(child.tag, child.scope, ns.client, 'body')) return [child];
    if (!isElement(child.tag, child.scope, ns.xhtmlIm, 'html')) return [];
    return childrenOf(child.bytes, child.scope).filter((body) => isElement(body.tag, body.scope, ns.xhtml, 'body'));
  });
}
