// Whether a part of a stream is the error that ends it (RFC 6120 §4.9). It is
// asked of everything that passes, so nearly always the end of the name decides,
// which is read from the bytes as they are.
import { utf8 } from '../shared/bytes.ts';
import type { StreamPart } from '../shared/xml/scanner.ts';
import { isElement, readStartTag, type Bindings } from '../shared/xml/tag.ts';
import { ns } from '../shared/xmpp/namespaces.ts';

const local = utf8('error');
// What ends a name in a start tag: white space, `/` and `>`.
const ends: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d, 0x2f, 0x3e]);

/** Whether it is a `<stream:error/>`, under the bindings of its direction's header. */
export function isStreamError({ kind, bytes }: StreamPart, scope: Bindings): boolean {
  return kind === 'element' && looksLikeOne(bytes) && isElement(readStartTag(bytes), scope, ns.streams, 'error');
}

function looksLikeOne(element: Uint8Array): boolean {
  let end = 1;
  while (end < element.length && !ends.has(element[end]!)) end++;
  const start = end - local.length;
  return start > 0 && local.every((byte, index) => element[start + index] === byte);
}
