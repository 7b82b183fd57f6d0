// The form in which two recordings of a case are compared: names resolved,
// attributes sorted, the language that an element inherits written out, and
// what only the server can choose replaced by tokens, the same for the same
// value (docs: the differences allowed in transparency.md).
import { serverMade, sortedChildren } from './allowed.ts';
import type { Recording } from './player.ts';
import type { Received } from './recorded-client.ts';
import type { XmlNode } from './xml-stream.ts';

export interface View {
  /** The text of the case. */
  readonly script: string;
  readonly domain: string;
  readonly guestDomain: string;
}

/** Lines of one client, in groups by sender: RFC 6120 §10.1 promises order only within one. */
export interface Transcript {
  readonly name: string;
  readonly lines: readonly string[];
}

/** Of the player's own requests. */
const ownIds = /^(bind|flush-.*)$/;

interface Context {
  readonly hide: (text: string) => string;
  readonly script: string;
  readonly tokens: Map<string, string>;
  /** The answer's stream: what its stanzas inherit. */
  lang: string;
}

/** Recordings after what may differ was taken out; `edit` changes or drops events first. */
export function canonical(
  recordings: readonly Recording[],
  view: View,
  edit: (received: readonly Received[], client: number) => readonly Received[],
): Transcript[] {
  const context: Context = {
    hide: hiding(recordings, view),
    script: view.script,
    tokens: new Map(),
    lang: '',
  };
  return recordings.map(({ name, received, jid }, client) => {
    const groups = new Map<string, string[]>();
    for (const event of edit(received, client)) {
      const sender = senderOf(event, context.hide, jid);
      const lines = groups.get(sender) ?? [];
      groups.set(sender, lines);
      lines.push(...linesOf(event, context));
    }
    const sorted = [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return { name, lines: sorted.flatMap(([sender, lines]) => [`--- from ${sender}`, ...lines]) };
  });
}

/** Names that differ between runs because the runs do: domains, and resources or guests that the server named. */
function hiding(recordings: readonly Recording[], view: View): (text: string) => string {
  const names = new Map([
    [view.domain, 'example.test'],
    [view.guestDomain, 'guests.test'],
  ]);
  for (const { name, jid = '', participant } of recordings) {
    const [, local = '', resource = ''] = /^([^@]+)@[^/]+\/(.+)$/.exec(jid) ?? [];
    if (participant.isAnonymous && local !== '') names.set(local, `[name of ${name}]`);
    if (resource !== '' && resource !== participant.resource) names.set(resource, `[resource of ${name}]`);
  }
  return (text) => [...names].reduce((result, [from, to]) => result.replaceAll(from, to), text);
}

/** Presence comes from each resource and occupant on its own, all else from an account, a room or the server. */
function senderOf(event: Received, hide: (text: string) => string, jid: string | undefined): string {
  if (event.kind !== 'element') return 'the server';
  const from = hide(event.node.attributes.get('from') ?? '');
  const bare = from.split('/', 1)[0] ?? '';
  if (event.node.local === 'presence' && from !== '') return `${from}, presence`;
  const own = hide((jid ?? '').split('/', 1)[0] ?? '');
  // A note to oneself is a message like one to others.
  if (event.node.local === 'message' && bare === own && from !== bare) return from;
  return bare === '' || bare === own || bare === 'example.test' ? 'the server' : bare;
}

function linesOf(event: Received, context: Context): string[] {
  switch (event.kind) {
    case 'connected':
      return ['(a connection)'];
    case 'footer':
      return ['</stream:stream>'];
    case 'ended':
      return ['(the connection ended)'];
    case 'broken':
      return [`(no XML: ${event.why})`];
    case 'header': {
      context.lang = event.node.attributes.get('xml:lang') ?? '';
      return [`${startOf(event.node, '', context)} …`];
    }
    case 'element':
      return nodeLines(withLang(event.node, context.lang), '', '', context);
  }
}

/** A stanza means the language of its stream when it has none of its own (RFC 6120 §8.1.5). */
function withLang(node: XmlNode, lang: string): XmlNode {
  return { ...node, attributes: new Map([['xml:lang', lang], ...node.attributes]) };
}

function nodeLines(node: XmlNode, outer: string, indent: string, context: Context): string[] {
  const start = `${indent}${startOf(node, outer, context)}`;
  const text = node.children.every((child) => typeof child === 'string');
  if (text) {
    const value = maskText(node, node.children.join(''), context);
    return [value === '' ? `${start}/>` : `${start}>${value}</${node.local}>`];
  }
  const children = node.children.map((child) =>
    typeof child === 'string'
      ? [`${indent}  ${JSON.stringify(context.hide(child))}`]
      : nodeLines(child, node.namespace, `${indent}  `, context),
  );
  const ordered = sortedChildren(node) ? children.toSorted((a, b) => (a.join() < b.join() ? -1 : 1)) : children;
  return [`${start}>`, ...ordered.flat(), `${indent}</${node.local}>`];
}

function startOf(node: XmlNode, outer: string, context: Context): string {
  const attributes = [...node.attributes]
    .map(([key, value]) => ` ${key}='${maskAttribute(node, key, value, context)}'`)
    .toSorted();
  const namespace = node.namespace === outer ? '' : ` xmlns='${node.namespace}'`;
  return `<${node.local}${namespace}${attributes.join('')}`;
}

function maskAttribute(node: XmlNode, key: string, value: string, context: Context): string {
  return mask(serverMade(node, key), context.hide(value), context);
}

function maskText(node: XmlNode, value: string, context: Context): string {
  return mask(serverMade(node, '#text'), context.hide(value), context);
}

function mask(kind: 'id' | 'stamp' | 'login' | undefined, value: string, { script, tokens }: Context): string {
  if (kind === undefined || value === '') return value;
  if (kind !== 'id') return `[${kind}]`;
  // What the case's own text has was not made by the server.
  if (script.includes(value) || ownIds.test(value)) return value;
  const token = tokens.get(value) ?? `[made by the server: ${tokens.size + 1}]`;
  tokens.set(value, token);
  return token;
}
