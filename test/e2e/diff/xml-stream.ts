// A small strict XML reader for what a client receives. It is the judge of what
// SIMPP's own scanner let through, so it shares no code with it.

/** Attributes by `local` or `{namespace}local`; xmlns declarations are resolved, not kept. */
export interface XmlNode {
  readonly namespace: string;
  readonly local: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** Text as it means: references and CDATA resolved, neighbours joined. */
  readonly children: readonly (XmlNode | string)[];
}

export type StreamEvent = { readonly kind: 'header' | 'element'; readonly node: XmlNode } | { readonly kind: 'footer' };

interface OpenNode {
  readonly name: string;
  readonly node: XmlNode & { readonly children: (XmlNode | string)[] };
  readonly scope: ReadonlyMap<string, string>;
}

const outermost: ReadonlyMap<string, string> = new Map([['xml', 'http://www.w3.org/XML/1998/namespace']]);
const references: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', apos: "'", quot: '"' };
const attribute = /\s+([^\s=]+)\s*=\s*(?:'([^'<]*)'|"([^"<]*)")/y;

export class XmlStreamReader {
  #rest = '';
  readonly #open: OpenNode[] = [];

  /** All that these characters complete; throws on what is not well-formed. */
  push(text: string): StreamEvent[] {
    this.#rest += text;
    const events: StreamEvent[] = [];
    for (let length = this.#take(events); length > 0; length = this.#take(events))
      this.#rest = this.#rest.slice(length);
    return events;
  }

  /** Reads one tag, text or CDATA section; 0 when it is not complete yet. */
  #take(events: StreamEvent[]): number {
    const rest = this.#rest;
    if (rest === '') return 0;
    if (!rest.startsWith('<')) return this.#text(rest, rest.indexOf('<'));
    if ('<![CDATA['.startsWith(rest.slice(0, 9))) return this.#cdata(rest);
    if (rest.startsWith('<?')) {
      const end = rest.indexOf('?>');
      if (end >= 0 && (this.#open.length > 0 || !rest.startsWith('<?xml '))) throw new Error(`not XMPP: ${rest}`);
      return end < 0 ? 0 : end + 2;
    }
    if (rest.startsWith('<!')) throw new Error(`not XMPP: ${rest}`);
    // An attribute's value may have a >.
    const tag = /^<(?:[^'">]|'[^']*'|"[^"]*")*>/.exec(rest)?.[0];
    if (tag === undefined) return 0;
    if (tag.startsWith('</')) this.#close(tag.slice(2, -1).trimEnd(), events);
    else this.#start(tag, events);
    return tag.length;
  }

  #text(rest: string, end: number): number {
    // Without its end it may stop within a reference.
    if (end < 0 && this.#open.length > 1) return 0;
    const length = end < 0 ? rest.length : end;
    this.#append(resolve(rest.slice(0, length)));
    return length;
  }

  #cdata(rest: string): number {
    const end = rest.indexOf(']]>');
    if (end < 0) return 0;
    this.#append(rest.slice(9, end));
    return end + 3;
  }

  #append(text: string): void {
    if (this.#open.length <= 1) {
      if (text.trim() !== '') throw new Error(`text between stanzas: ${text}`);
      return;
    }
    const children = this.#open.at(-1)?.node.children;
    const last = children?.at(-1);
    if (typeof last === 'string') children?.splice(-1, 1, last + text);
    else if (text !== '') children?.push(text);
  }

  #start(tag: string, events: StreamEvent[]): void {
    const isEmpty = tag.endsWith('/>');
    const content = tag.slice(1, isEmpty ? -2 : -1);
    const name = /^[^\s]+/.exec(content)?.[0] ?? '';
    const open = { name, ...readNode(name, content.slice(name.length), this.#open.at(-1)?.scope ?? outermost) };
    if (this.#open.length === 0) events.push({ kind: 'header', node: open.node });
    this.#open.push(open);
    if (isEmpty) this.#close(name, events);
  }

  #close(name: string, events: StreamEvent[]): void {
    const closed = this.#open.pop();
    if (closed?.name !== name) throw new Error(`</${name}> closes ${closed?.name ?? 'nothing'}`);
    if (this.#open.length === 0) events.push({ kind: 'footer' });
    else if (this.#open.length === 1) this.#pushElement(closed.node, events);
    else this.#open.at(-1)?.node.children.push(closed.node);
  }

  #pushElement(node: XmlNode, events: StreamEvent[]): void {
    events.push({ kind: 'element', node });
    // RFC 6120 §6.4.6: what follows is a new stream, even in the same packet.
    if (isSaslSuccess(node)) this.#open.length = 0;
  }
}

export function isSaslSuccess({ namespace, local }: XmlNode): boolean {
  return local === 'success' && namespace === 'urn:ietf:params:xml:ns:xmpp-sasl';
}

/** One element on its own, in this scope; for what a script writes. */
export function readXml(text: string, scope: Readonly<Record<string, string>> = {}): XmlNode {
  const declared = Object.entries(scope).map(([prefix, uri]) => `xmlns${prefix && ':'}${prefix}="${uri}"`);
  const reader = new XmlStreamReader();
  const [, event, ...more] = reader.push(`<stream ${declared.join(' ')}>${text}`);
  if (event?.kind !== 'element' || more.length > 0) throw new Error(`not one element: ${text}`);
  return event.node;
}

function readNode(name: string, tail: string, outer: ReadonlyMap<string, string>): Omit<OpenNode, 'name'> {
  const scope = new Map(outer);
  const plain: [string, string][] = [];
  attribute.lastIndex = 0;
  let end = 0;
  for (let match = attribute.exec(tail); match; match = attribute.exec(tail)) {
    end = attribute.lastIndex;
    const [, key = '', single, double] = match;
    const value = resolve(single ?? double ?? '');
    if (key === 'xmlns') scope.set('', value);
    else if (key.startsWith('xmlns:')) scope.set(key.slice(6), value);
    else plain.push([key, value]);
  }
  if (tail.slice(end).trim() !== '') throw new Error(`not an attribute: ${tail.slice(end)}`);
  const attributes = new Map(plain.map(([key, value]) => [attributeName(key, scope), value]));
  if (attributes.size < plain.length) throw new Error(`an attribute twice in <${name}${tail}>`);
  const colon = name.indexOf(':');
  const namespace = bound(scope, name.slice(0, Math.max(colon, 0)));
  return { scope, node: { namespace, local: name.slice(colon + 1), attributes, children: [] } };
}

function attributeName(key: string, scope: ReadonlyMap<string, string>): string {
  const colon = key.indexOf(':');
  if (colon < 0) return key;
  return key.startsWith('xml:') ? key : `{${bound(scope, key.slice(0, colon))}}${key.slice(colon + 1)}`;
}

function bound(scope: ReadonlyMap<string, string>, prefix: string): string {
  const namespace = scope.get(prefix);
  if (namespace === undefined && prefix !== '') throw new Error(`the prefix ${prefix} is not bound`);
  return namespace ?? '';
}

function resolve(text: string): string {
  return text.replaceAll(/&(#x[0-9a-fA-F]+|#[0-9]+|[a-z]+);|&/g, (whole, name: string | undefined) => {
    const character = name?.startsWith('#x')
      ? String.fromCodePoint(Number.parseInt(name.slice(2), 16))
      : name?.startsWith('#')
        ? String.fromCodePoint(Number(name.slice(1)))
        : references[name ?? ''];
    if (character === undefined) throw new Error(`not a reference: ${whole}`);
    return character;
  });
}
