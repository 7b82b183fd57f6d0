// What a script waits for: an element that has at least the names, attributes,
// children and text of the pattern. `{name}` in it takes a value, or, once
// `name` is known, asks for it.
import { readXml, type XmlNode } from './xml-stream.ts';

export type Captures = ReadonlyMap<string, string>;

const prefixes = { '': 'jabber:client', stream: 'http://etherx.jabber.org/streams' };

export function readPattern(text: string): XmlNode {
  return readXml(text, prefixes);
}

/** What the pattern captures, when the node fits. */
export function matchNode(pattern: XmlNode, node: XmlNode, known: Captures): Captures | undefined {
  if (pattern.local !== node.local || pattern.namespace !== node.namespace) return undefined;
  let captures: Captures | undefined = known;
  for (const [key, wanted] of pattern.attributes) {
    captures = captures && matchValue(wanted, node.attributes.get(key), captures);
  }
  const text = textOf(pattern).trim();
  if (text !== '') captures = captures && matchValue(text, textOf(node), captures);
  for (const wanted of pattern.children) {
    if (typeof wanted === 'string') continue;
    const before: Captures | undefined = captures;
    captures = before && firstMatch(node.children, (child) => matchNode(wanted, child, before));
  }
  return captures;
}

function firstMatch(
  children: XmlNode['children'],
  match: (child: XmlNode) => Captures | undefined,
): Captures | undefined {
  for (const child of children) {
    const captures = typeof child === 'string' ? undefined : match(child);
    if (captures) return captures;
  }
  return undefined;
}

function matchValue(wanted: string, value: string | undefined, known: Captures): Captures | undefined {
  if (value === undefined) return undefined;
  const name = /^\{([\w.]+)\}$/.exec(wanted)?.[1];
  const expected = name === undefined ? fill(wanted, known) : known.get(name);
  if (expected !== undefined) return expected === value ? known : undefined;
  return new Map([...known, [name ?? '', value]]);
}

export function textOf(node: XmlNode): string {
  return node.children.filter((child) => typeof child === 'string').join('');
}

/** Puts in known values, and `{text*3}` as texttexttext, `{sp}` and `{nl}` as white space. */
export function fill(text: string, known: Captures): string {
  return text.replaceAll(/\{([^{}\s][^{}]*)\}/g, (whole, name: string) => {
    const repeat = /^(.+)\*(\d+)$/.exec(name);
    if (repeat) return (repeat[1] ?? '').repeat(Number(repeat[2]));
    if (name === 'sp') return ' ';
    if (name === 'nl') return '\n';
    const value = known.get(name);
    if (value === undefined) throw new Error(`nothing is known as ${whole}`);
    return value;
  });
}
