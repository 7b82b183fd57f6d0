// Moving elements between two streams whose headers bind prefixes differently
// (transparency.md §3.3): what an element inherits on the one, and would not
// on the other, is declared on the element itself. Nothing else changes.

import { concat, utf8 } from '../bytes.ts';
import type { Bindings } from './tag.ts';
import { noBindings, readStartTag } from './tag.ts';
import { escapeAttribute } from './write.ts';

/**
 * A function that takes an element of a stream with bindings `from` to one with bindings `to`. It returns the same
 * array when the element means the same there.
 */
export function rebinding(from: Bindings, to: Bindings): (element: Uint8Array) => Uint8Array {
  const missing = [...new Set([...from.keys(), ''])].filter(
    (prefix) => !noBindings.has(prefix) && (from.get(prefix) ?? '') !== (to.get(prefix) ?? ''),
  );
  if (missing.length === 0) return (element) => element;
  const names = new Map(missing.map((prefix) => [prefix === '' ? 'xmlns' : `xmlns:${prefix}`, from.get(prefix) ?? '']));
  return (element) => {
    const tag = readStartTag(element);
    let declarations = '';
    for (const [name, namespace] of names) {
      if (!tag.attributes.has(name)) declarations += ` ${name}='${escapeAttribute(namespace)}'`;
    }
    if (declarations === '') return element;
    const behindName = tag.start + 1 + utf8(tag.name).length;
    return concat(element.subarray(0, behindName), utf8(declarations), element.subarray(behindName));
  };
}
