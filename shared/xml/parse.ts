// The tree of a stanza, by @xmpp/xml, for stages that claim one. Bytes come
// from the scanner, so the parser's own leniency is never reached.

import { Element, Parser } from '@xmpp/xml';
import { SimppError } from '../errors.ts';
import type { Bindings } from './tag.ts';
import { decode } from './utf8.ts';

/** Tree of one whole element; prefixes bound on the stream (`scope`) resolve, but are not written out with it. */
export function parseElement(bytes: Uint8Array, scope?: Bindings): Element {
  const parser = new Parser();
  let tree: Element | undefined;
  let failure: Error | undefined;
  parser.on('end', (element) => (tree = element));
  parser.on('error', (error) => (failure ??= error));
  try {
    parser.write(decode(bytes));
  } catch (cause) {
    if (cause instanceof SimppError) throw cause;
    throw new SimppError('not-well-formed', undefined, { cause });
  }
  if (tree === undefined || failure !== undefined) {
    throw new SimppError('not-well-formed', undefined, { cause: failure });
  }
  if (scope !== undefined) tree.parent = scopeElement(scope);
  return tree;
}

/** A parent that only lends its namespace declarations. */
function scopeElement(scope: Bindings): Element {
  const attributes: Record<string, string> = {};
  for (const [prefix, namespace] of scope) attributes[prefix === '' ? 'xmlns' : `xmlns:${prefix}`] = namespace;
  return new Element('scope', attributes);
}
