// The differences that are allowed, as tables: what a server makes anew each
// time, where order has no meaning, and what the proxy takes out of features
// (transparency.md §3.1). Everything else must be the same.
import { textOf } from './pattern.ts';
import type { Received } from './recorded-client.ts';
import type { KindOfLogin, ServerName } from './script.ts';
import type { XmlNode } from './xml-stream.ts';

const stream = 'http://etherx.jabber.org/streams';
const client = 'jabber:client';
const stanzas = 'urn:ietf:params:xml:ns:xmpp-stanzas';
const discoItems = 'http://jabber.org/protocol/disco#items';
const sasl = 'urn:ietf:params:xml:ns:xmpp-sasl';

/** `id`: opaque, the same token for the same value; `stamp`: a time; `login`: salted or random by design. */
type Made = 'id' | 'stamp' | 'login';

/** By namespace, element and attribute; `*` stands for any, `#text` for the content. */
const made: readonly (readonly [namespace: string, local: string, attribute: string, kind: Made])[] = [
  ['*', '*', 'id', 'id'],
  ['*', '*', 'node-id', 'id'],
  ['*', '*', 'subid', 'id'],
  ['jabber:iq:roster', 'query', 'ver', 'id'],
  ['urn:xmpp:sm:3', 'resumed', 'previd', 'id'],
  ['urn:xmpp:sm:2', 'resumed', 'previd', 'id'],
  ['http://jabber.org/protocol/rsm', 'first', '#text', 'id'],
  ['http://jabber.org/protocol/rsm', 'last', '#text', 'id'],
  ['urn:xmpp:delay', 'delay', 'stamp', 'stamp'],
  ['jabber:x:delay', 'x', 'stamp', 'stamp'],
  ['urn:xmpp:time', 'utc', '#text', 'stamp'],
  ['jabber:iq:last', 'query', 'seconds', 'stamp'],
  [sasl, 'challenge', '#text', 'login'],
  [sasl, 'success', '#text', 'login'],
];

/** What a server makes anew each time, of the attribute or `#text` of an element. */
export function serverMade({ namespace, local }: XmlNode, attribute: string): Made | undefined {
  const fits = (wanted: string, value: string): boolean => wanted === '*' || wanted === value;
  return made.find((row) => fits(row[0], namespace) && fits(row[1], local) && row[2] === attribute)?.[3];
}

/** Sets, which Lua's tables and Erlang's maps give in any order. */
const sets = new Set([
  'http://etherx.jabber.org/streams features',
  'urn:ietf:params:xml:ns:xmpp-sasl mechanisms',
  'jabber:iq:roster query',
  'http://jabber.org/protocol/disco#info query',
  'http://jabber.org/protocol/disco#items query',
  'urn:xmpp:blocking blocklist',
  'jabber:x:data x',
]);

/** Whether the children of an element are a set. */
export function sortedChildren({ namespace, local }: XmlNode): boolean {
  return sets.has(`${namespace} ${local}`);
}

const removed = new Set([
  'urn:ietf:params:xml:ns:xmpp-tls starttls',
  'urn:xmpp:sasl-cb:0 sasl-channel-binding',
  'http://jabber.org/features/compress compression',
  'urn:xmpp:sasl:2 authentication',
]);

/** The server's event as it must come out of the proxy; only features change. */
export function throughProxy(event: Received): Received {
  if (event.kind !== 'element' || !isFeatures(event.node)) return event;
  return { ...event, node: without(event.node) };
}

function without(node: XmlNode): XmlNode {
  const children = node.children.flatMap((child): (XmlNode | string)[] => {
    if (typeof child === 'string') return [child];
    if (removed.has(`${child.namespace} ${child.local}`)) return [];
    if (child.local === 'mechanism' && textOf(child).endsWith('-PLUS')) return [];
    return [child.local === 'mechanisms' ? without(child) : child];
  });
  return { ...node, children };
}

/**
 * Of a login that ends at the proxy: the language of its stream, its offer and the words of its refusal are the
 * proxy's, not the server's (transparency.md §1); the conditions are compared.
 */
export function ownLogin(event: Received): Received {
  if (!('node' in event) || event.isLoggedIn) return event;
  if (event.kind === 'header') {
    const attributes = new Map([...event.node.attributes, ['xml:lang', '']]);
    return { ...event, node: { ...event.node, attributes } };
  }
  if (isFeatures(event.node)) return { ...event, node: { ...event.node, children: [] } };
  if (event.node.namespace !== sasl || event.node.local !== 'failure') return event;
  const children = event.node.children.filter((child) => typeof child === 'string' || child.local !== 'text');
  return { ...event, node: { ...event.node, children } };
}

/** Of the nodes of an account, those that hold its keys (docs/protocol.md §9.1). */
export function withoutKeyNodes(event: Received): Received {
  if (event.kind !== 'element') return event;
  const children = event.node.children.map((child) => {
    if (typeof child === 'string' || child.namespace !== discoItems) return child;
    return { ...child, children: child.children.filter((item) => typeof item === 'string' || !isKeyNode(item)) };
  });
  return { ...event, node: { ...event.node, children } };
}

function isKeyNode({ attributes }: XmlNode): boolean {
  return attributes.get('node')?.startsWith('urn:simpp:e2e:2:') === true;
}

/** Ids of messages that the proxy kept back, as no keys could be looked up. */
export function keptBack(received: readonly Received[]): ReadonlySet<string> {
  const ids = received.flatMap((event) => {
    const isOwn = errorOf(event)?.attributes.get('by') === 'simpp.invalid';
    return isOwn && event.kind === 'element' ? [event.node.attributes.get('id') ?? ''] : [];
  });
  return new Set(ids);
}

/** Their errors: kind and condition are those that a server would give, the words are the proxy's (transparency.md §5.6). */
export function asKeptBack(event: Received, ids: ReadonlySet<string>): Received {
  const error = errorOf(event);
  if (event.kind !== 'element' || error === undefined || !ids.has(event.node.attributes.get('id') ?? '')) return event;
  const without = (node: XmlNode, name: string): ReadonlyMap<string, string> =>
    new Map([...node.attributes].filter(([attribute]) => attribute !== name));
  const children = error.children.filter(
    (child) => typeof child !== 'string' && child.namespace === stanzas && child.local !== 'text',
  );
  const kept = { ...error, attributes: without(error, 'by'), children };
  return { ...event, node: { ...event.node, attributes: without(event.node, 'to'), children: [kept] } };
}

function errorOf(event: Received): XmlNode | undefined {
  if (event.kind !== 'element' || event.node.local !== 'message') return undefined;
  return event.node.children.filter((child) => typeof child !== 'string').find(({ local }) => local === 'error');
}

/**
 * Cases that ejabberd plays by the moment at which a message comes, or by its words, so that they are not compared where
 * messages are encrypted, which takes a moment. On Prosody they are.
 */
export const notWhenEncrypted: Readonly<Record<ServerName, readonly string[]>> = {
  prosody: [],
  ejabberd: [
    // Asked together with the close, ejabberd does not answer; the close waits for the message before it.
    'closing',
    // It takes xml:lang='' for none, which it cannot see.
    'languages',
    // Of a session that the proxy does not know, it is asked by a made-up id, which it can tell from one of its own.
    'restart-managed',
    'resumption-fails',
    // The question behind the message that ends the stream is answered first.
    'wrong-from',
  ],
};

const texts = ['subject', 'body', 'thread'];

/**
 * ejabberd writes messages anew: texts behind the other children, nothing between children, no type when it is normal,
 * a mark on what waited while the client was inactive. Of what is encrypted it can change nothing, so that it comes as
 * its client wrote it.
 */
export function asEjabberdWrites(event: Received): Received {
  return event.kind === 'element' ? { ...event, node: messagesWrittenAnew(event.node) } : event;
}

function messagesWrittenAnew(node: XmlNode): XmlNode {
  const children = node.children.map((child) => (typeof child === 'string' ? child : messagesWrittenAnew(child)));
  if (node.namespace !== client || node.local !== 'message') return { ...node, children };
  const elements = children.filter((child) => typeof child !== 'string').filter((child) => !isOfInactive(child));
  const placeOf = (child: XmlNode): number => (child.namespace === client ? texts.indexOf(child.local) : -1);
  const attributes = new Map([...node.attributes].filter(([name, value]) => name !== 'type' || value !== 'normal'));
  return { ...node, attributes, children: elements.toSorted((a, b) => placeOf(a) - placeOf(b)) };
}

function isOfInactive(node: XmlNode): boolean {
  return node.local === 'delay' && textOf(node) === 'Client Inactive';
}

const noServer = ['host-unknown', 'improper-addressing'];

/**
 * Without a set-up there is no server to ask: the condition is the same, header and words are the proxy's
 * (transparency.md §3.5).
 */
export function ownErrors(received: readonly Received[]): readonly Received[] {
  const condition = received.map(conditionOf).find((each) => each !== undefined && noServer.includes(each.local));
  if (condition === undefined) return received;
  return received.map((event) => {
    if (event.kind === 'header') return { ...event, node: { ...event.node, attributes: new Map() } };
    return conditionOf(event) === condition && 'node' in event
      ? { ...event, node: { ...event.node, children: [condition] } }
      : event;
  });
}

/**
 * Behind a login that ends at the proxy a lost server is resumed; when it does not come back with the session, the
 * client is told, where directly its connection would just have ended (transparency.md §3.5). A second error after
 * one of the server's is none of that.
 */
export function isToldOfLoss(received: readonly Received[], index: number): boolean {
  const [before, event] = [received[index - 1], received[index]];
  if (event === undefined || conditionOf(event)?.local !== 'remote-connection-failed') return false;
  return before !== undefined && conditionOf(before) === undefined;
}

interface Way {
  readonly server: ServerName;
  readonly login: KindOfLogin | undefined;
}

/** ejabberd 23.01 that stops leaves some of its sessions out by chance, without a proxy as well. */
export function isForgetful({ server }: Way): boolean {
  return server === 'ejabberd';
}

/**
 * A server that stops may end a connection without its `<system-shutdown/>`. Prosody 0.12 says it to no session that
 * can be resumed (case restart-managed), and behind a login that ends at the proxy all can (transparency.md §1): there the
 * client is told of the loss instead.
 */
export function mayBeUntold(way: Way, received: readonly Received[]): boolean {
  const isTold = (): boolean => received.some((_event, index) => isToldOfLoss(received, index));
  return isForgetful(way) || (way.login === 'ended' && isTold());
}

/** What the same client was told another time, without a shutdown of which it heard nothing this time. */
export function untold(received: readonly Received[], thisTime: readonly Received[]): readonly Received[] {
  return thisTime.some(isShutdown) ? received : received.filter((event) => !isShutdown(event));
}

function isShutdown(event: Received): boolean {
  return conditionOf(event)?.local === 'system-shutdown';
}

/** The condition of a stream error. */
function conditionOf(event: Received): XmlNode | undefined {
  if (event.kind !== 'element' || event.node.namespace !== stream || event.node.local !== 'error') return undefined;
  return event.node.children.find((child) => typeof child !== 'string');
}

const xmlErrors = [
  'bad-format',
  'bad-namespace-prefix',
  'invalid-namespace',
  'invalid-xml',
  'not-well-formed',
  'restricted-xml',
];

/**
 * What is no XMPP ends at the proxy, which does not hand it on, so the words are its own, and the condition is the
 * one of RFC 6120 §4.9.3 where servers say something more general (transparency.md §3.3).
 */
export function anyXmlError(event: Received): Received {
  const condition = conditionOf(event);
  if (event.kind !== 'element' || condition === undefined || !xmlErrors.includes(condition.local)) return event;
  return { ...event, node: { ...event.node, children: ['[an error in the XML]'] } };
}

/** After an error that ends its streams ejabberd sends the footer at one time, and at another it does not. */
export function isLeftOut(received: readonly Received[], index: number): boolean {
  const [before, event] = [received[index - 1], received[index]];
  return event?.kind === 'footer' && before !== undefined && conditionOf(before) !== undefined;
}

/** Requests for acknowledgement come when a server likes, and an answer to one may be followed by a better one (§3.6). */
export function isAcknowledging(event: Received): boolean {
  return event.kind === 'element' && event.node.namespace.startsWith('urn:xmpp:sm:') && event.node.local.length === 1;
}

function isFeatures({ namespace, local }: XmlNode): boolean {
  return namespace === stream && local === 'features';
}
