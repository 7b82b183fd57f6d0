// The message as its client shall see it (docs/protocol.md §9.5): what the
// sender's client wrote, in its order, and what servers added. Beside
// `<encrypted/>` nothing counts that a server need not add: who could put a
// body there could speak in the contact's name.

import { concat, utf8 } from '../bytes.ts';
import { withAttribute, withoutAttribute } from '../xml/attribute.ts';
import { carried } from '../xml/inherited.ts';
import type { Bindings } from '../xml/tag.ts';
import { bindingsOf, isElement, namespaceOf, readStartTag } from '../xml/tag.ts';
import { element, escapeText } from '../xml/write.ts';
import type { Envelope } from './envelope.ts';
import { placeholderOf } from './envelope-content.ts';
import { ns } from './namespaces.ts';
import { isBlank, nodesOf } from './nodes.ts';
import { isHint, isOutside } from './outside.ts';
import type { Child } from './stanza.ts';

/** A message for the client; `dropped` names what stood beside `<encrypted/>` and must not, 16 names at most. */
export interface Restored {
  readonly stanza: Uint8Array;
  readonly dropped: readonly string[];
}

const maxDropped = 16;
const maxNameLength = 64;

/** Puts the envelope's content in the place of `<encrypted/>`; also in an error that gives the message back. */
export function restored(stanza: Uint8Array, scope: Bindings, envelope: Envelope): Restored {
  const { startTag, end, inner, survivors, first, dropped } = takeApart(stanza, scope);
  const waiting = [...survivors];
  const content: Uint8Array[] = [];
  for (const node of nodesOf(envelope.content, envelope.scope)) {
    if (node.kind === 'text') {
      content.push(node.bytes);
      continue;
    }
    if (isElement(node.tag, node.scope, ns.simppMessages, 'type')) continue;
    const place = placeholderOf(node);
    if (place === undefined) content.push(carried(node.bytes, node.scope, inner));
    else {
      const found = waiting.findIndex((child) => isElement(child.tag, child.scope, place.namespace, place.local));
      if (found >= 0) content.push(...waiting.splice(found, 1).map(({ bytes }) => bytes));
    }
  }
  const added = waiting.filter((child) => !isHint(child.tag, child.scope));
  // Some servers put what they add before everything else.
  const before = added.filter((child) => first.has(child)).map(({ bytes }) => bytes);
  const behind = added.filter((child) => !first.has(child)).map(({ bytes }) => bytes);
  const open = restoredTag(startTag, envelope);
  return { stanza: concat(open, ...before, ...content, ...behind, end), dropped };
}

/** Puts a text in the place of all that is not a server's: for a message that cannot be read, or is refused. */
export function withText(stanza: Uint8Array, scope: Bindings, text: string): Restored {
  const { startTag, end, inner, survivors, dropped } = takeApart(stanza, scope);
  const xmlns = inner.get('') === ns.client ? undefined : ns.client;
  const body = utf8(element('body', { xmlns }, escapeText(text)));
  const added = survivors.filter((child) => !isHint(child.tag, child.scope)).map(({ bytes }) => bytes);
  return { stanza: concat(startTag, body, ...added, end), dropped };
}

interface Apart {
  readonly startTag: Uint8Array;
  readonly end: Uint8Array;
  /** Bindings inside the message. */
  readonly inner: Bindings;
  readonly survivors: readonly Child[];
  /** Those that stand before `<encrypted/>`. */
  readonly first: ReadonlySet<Child>;
  readonly dropped: readonly string[];
}

function takeApart(stanza: Uint8Array, scope: Bindings): Apart {
  const tag = readStartTag(stanza);
  const isError = tag.attributes.get('type') === 'error';
  const survivors: Child[] = [];
  const dropped: string[] = [];
  let first: readonly Child[] | undefined;
  for (const node of nodesOf(stanza, scope)) {
    if (node.kind === 'text') {
      if (!isBlank(node.bytes)) dropped.push('text');
    } else if (first === undefined && isElement(node.tag, node.scope, ns.simppMessages, 'encrypted')) {
      first = [...survivors];
    } else if (isOwnEncryptionName(node)) continue;
    else if (isOutside(node.tag, node.scope)) survivors.push(node);
    else if (isError && isElement(node.tag, node.scope, ns.client, 'error')) survivors.push(node);
    else dropped.push(nameOf(node));
  }
  const startTag = stanza.subarray(tag.start, tag.end);
  return {
    startTag: tag.selfClosing ? concat(startTag.subarray(0, -2), utf8('>')) : startTag,
    end: utf8(`</${tag.name}>`),
    inner: bindingsOf(tag, scope),
    survivors,
    first: new Set(first),
    dropped: dropped.slice(0, maxDropped),
  };
}

/** XEP-0380: the sender's proxy has put it there, its client has not. */
function isOwnEncryptionName({ tag, scope }: Child): boolean {
  if (!isElement(tag, scope, ns.encryptionName, 'encryption')) return false;
  return tag.attributes.get('namespace') === ns.simppMessages;
}

function nameOf({ tag, scope }: Child): string {
  const namespace = namespaceOf(tag, scope) ?? '';
  const name = namespace === ns.client ? tag.local : `${tag.local} ${namespace}`;
  return name.slice(0, maxNameLength);
}

/** Every attribute stays, but for what the envelope knows better. */
function restoredTag(startTag: Uint8Array, { lang, innerType }: Envelope): Uint8Array {
  let tag = startTag;
  if (lang !== undefined) tag = withAttribute(withoutAttribute(tag, 'xml:lang'), 'xml:lang', lang);
  // Only a chat can have been a normal message: an error or what a room sends is what it is on the wire.
  if (innerType === undefined || readStartTag(tag).attributes.get('type') !== 'chat') return tag;
  const untyped = withoutAttribute(tag, 'type');
  return innerType === '' ? untyped : withAttribute(untyped, 'type', innerType);
}
