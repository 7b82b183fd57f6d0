// The tree of a stanza, in the Element of @xmpp/xml, for stages that claim
// one. It is built by the readers of this folder and not by that library's
// parser, which loses the text behind a CDATA section (ltx 3.1.2): raw readers
// and tree must never see two different stanzas.

import { Element } from '@xmpp/xml';
import { SimppError } from '../errors.ts';
import { resolveReferences } from './reference.ts';
import type { Bindings } from './tag.ts';
import { parseStartTag } from './tag.ts';
import { decode } from './utf8.ts';

function malformed(): SimppError {
  return new SimppError('not-well-formed', 'What was to be one element is none.');
}

/** Tree of one whole element; prefixes bound on the stream (`scope`) resolve, but are not written out with it. */
export function parseElement(bytes: Uint8Array, scope?: Bindings): Element {
  // Line ends are normalised before anything else (XML 1.0 §2.11).
  const xml = decode(bytes).replace(/\r\n?/g, '\n');
  const holder = new Element('scope', scope === undefined ? {} : declarations(scope));
  let open = holder;
  let at = 0;
  do {
    const markup = xml.indexOf('<', at);
    if (markup < 0) throw malformed();
    if (markup > at) addText(open, resolveReferences(xml.slice(at, markup)));
    if (xml.startsWith('</', markup)) {
      const end = xml.indexOf('>', markup);
      if (end < 0 || open.parent === null || !endsElement(xml.slice(markup + 2, end), open.name)) throw malformed();
      open = open.parent;
      at = end + 1;
    } else if (xml.startsWith('<![CDATA[', markup)) {
      const end = xml.indexOf(']]>', markup);
      if (end < 0) throw malformed();
      addText(open, xml.slice(markup + 9, end));
      at = end + 3;
    } else {
      const tag = parseStartTag(xml, markup);
      const child = new Element(tag.name, Object.fromEntries(tag.attributes));
      open.append(child);
      if (!tag.selfClosing) open = child;
      at = tag.end;
    }
  } while (open !== holder);
  const [tree] = holder.children;
  if (at !== xml.length || !(tree instanceof Element)) throw malformed();
  if (scope === undefined) tree.parent = null;
  return tree;
}

/** Whether an end tag, its `</` and `>` left out, is that of an element. */
function endsElement(written: string, name: string): boolean {
  return written === name || (written.startsWith(name) && /^[ \t\n]+$/.test(written.slice(name.length)));
}

/** Appends to the text before, so that a stage sees one string however its pieces were written. */
function addText(parent: Element, text: string): void {
  const last = parent.children.length - 1;
  const before = parent.children[last];
  if (typeof before === 'string') parent.children[last] = before + text;
  else if (text !== '') parent.children.push(text);
}

function declarations(scope: Bindings): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [prefix, namespace] of scope) attributes[prefix === '' ? 'xmlns' : `xmlns:${prefix}`] = namespace;
  return attributes;
}
