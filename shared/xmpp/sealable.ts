// What becomes of a client's message when it is sealed (docs/protocol.md §9.5,
// transparency.md §5.1): which of its children go inside, which stay outside
// with a placeholder at their place, and what its start tag is on the wire.

import { concat, utf8 } from '../bytes.ts';
import { withAttribute, withoutAttribute } from '../xml/attribute.ts';
import { childElements, textOf } from '../xml/children.ts';
import { carried } from '../xml/inherited.ts';
import type { Bindings } from '../xml/tag.ts';
import { isElement, namespaceOf, noBindings, readStartTag } from '../xml/tag.ts';
import { element } from '../xml/write.ts';
import { ns } from './namespaces.ts';
import { isBlank, nodesOf } from './nodes.ts';
import { isForbiddenInside, isHint, isOutside } from './outside.ts';
import { sealedType } from './sealed-type.ts';
import { type Child, childrenOf, findChild } from './stanza.ts';
import { storageHint, type StorageHint } from './storing.ts';

/** A message that can be sealed, taken apart. */
export interface SealableMessage {
  /** `chat-state`: who writes or has gone, and nothing else (XEP-0085); it is worth nothing later. */
  readonly kind: 'content' | 'chat-state';
  /** Start tag on the wire: the client's, with `type` and without xml:lang. */
  readonly startTag: Uint8Array;
  readonly to: string | undefined;
  readonly id: string | undefined;
  /** Type on the wire, `normal` when it has none that is defined: as the payload's additional data take it (§9.4). */
  readonly type: string;
  /** xml:lang of the message, for the envelope. */
  readonly lang: string | undefined;
  /** The type that the client wrote, '' for none, where the wire has another one. */
  readonly innerType: 'normal' | '' | undefined;
  /** What goes into `<content/>`; means the same there. */
  readonly content: Uint8Array;
  /** Children for servers, as they stand. */
  readonly outside: readonly Uint8Array[];
  /** How servers shall store it; undefined where the client itself has said it, or servers know by themselves. */
  readonly hint: StorageHint;
  /** Text of the body, for archive and outbox: the one without a language of its own, else the first. */
  readonly body: string | undefined;
}

/** What a client's message is to end-to-end encryption. */
export type Sealable =
  | SealableMessage
  /** There is no content: it goes as it is. */
  | { readonly kind: 'nothing' }
  /** Whoever processes it is a server (XEP-0045), or it would be refused inside. */
  | { readonly kind: 'not-encryptable'; readonly what: string };

/** Bindings within the `<content/>` of an envelope that `writeEnvelope` makes. */
const contentScope: Bindings = new Map([...noBindings, ['', ns.envelope]]);

/** Takes a client's `<message/>` apart; throws SimppError `invalid-namespace` where its names mean nothing. */
export function sealable(stanza: Uint8Array, scope: Bindings): Sealable {
  const nodes = nodesOf(stanza, scope);
  const children = nodes.filter((node) => node.kind === 'element');
  const tag = readStartTag(stanza);
  const writtenType = tag.attributes.get('type');
  const what = notEncryptable(children, writtenType);
  if (what !== undefined) return { kind: 'not-encryptable', what };
  const inside = children.filter((child) => !isOutside(child.tag, child.scope));
  if (inside.length === 0 && nodes.every((node) => node.kind === 'element' || isBlank(node.bytes))) {
    return { kind: 'nothing' };
  }
  const body = bodyOf(inside);
  // Servers copy and keep a normal message for its body, which they do not see: as a chat they do so all the same.
  const becomesChat = body !== undefined && (writtenType === undefined || writtenType === 'normal');
  const content = nodes.map((node) => {
    if (node.kind === 'text') return node.bytes;
    return isOutside(node.tag, node.scope) ? placeholder(node) : carried(node.bytes, node.scope, contentScope);
  });
  let startTag = withoutAttribute(stanza.subarray(tag.start, tag.end), 'xml:lang');
  if (becomesChat) startTag = withAttribute(withoutAttribute(startTag, 'type'), 'type', 'chat');
  const isOnlyState = isChatState(inside) && writtenType !== 'groupchat';
  const isHinted = children.some((child) => isHint(child.tag, child.scope) && child.tag.local !== 'no-copy');
  return {
    kind: isOnlyState ? 'chat-state' : 'content',
    startTag,
    to: tag.attributes.get('to'),
    id: tag.attributes.get('id'),
    type: becomesChat ? 'chat' : sealedType(writtenType),
    lang: tag.attributes.get('xml:lang'),
    innerType: becomesChat ? (writtenType === 'normal' ? 'normal' : '') : undefined,
    content: concat(...content),
    outside: children.filter((child) => isOutside(child.tag, child.scope)).map((child) => child.bytes),
    hint: isHinted ? undefined : isOnlyState ? 'no-store' : storageHint(inside, writtenType),
    body,
  };
}

function placeholder({ tag, scope }: Child): Uint8Array {
  return utf8(element('outside', { xmlns: ns.simppMessages, name: tag.local, ns: namespaceOf(tag, scope) ?? '' }));
}

function isNamed(child: Child, namespace: string, local: string): boolean {
  return isElement(child.tag, child.scope, namespace, local);
}

function bodyOf(children: readonly Child[]): string | undefined {
  const bodies = children.filter((child) => isNamed(child, ns.client, 'body'));
  const body = bodies.find(({ tag }) => !tag.attributes.has('xml:lang')) ?? bodies[0];
  if (body === undefined) return undefined;
  // Elements where text belongs (RFC 6121 §5.2.3) are sealed all the same.
  return childElements(body.bytes).length > 0 ? '' : textOf(body.bytes);
}

function isChatState(inside: readonly Child[]): boolean {
  const states = inside.filter(({ tag, scope }) => namespaceOf(tag, scope) === ns.chatStates);
  // A thread may stand beside the state (XEP-0085 §5.1).
  return states.length > 0 && inside.every((child) => states.includes(child) || isNamed(child, ns.client, 'thread'));
}

function notEncryptable(children: readonly Child[], type: string | undefined): string | undefined {
  const forbidden = children.find(({ tag, scope }) => isForbiddenInside(tag, scope));
  if (forbidden !== undefined) return `<${forbidden.tag.local}/>`;
  if (children.some(isMediated)) return 'an invitation through the room';
  if (children.some(isRoomRequest)) return 'a request to the room';
  const has = (local: string): boolean => children.some((child) => isNamed(child, ns.client, local));
  // XEP-0045 §8.1: a subject without body and thread is the room's.
  const isSubject = type === 'groupchat' && has('subject') && !has('body') && !has('thread');
  return isSubject ? "the room's subject" : undefined;
}

/** XEP-0045 §7.8.2: the room invites, and tells of refusals. */
function isMediated({ bytes, tag, scope }: Child): boolean {
  if (!isElement(tag, scope, ns.mucUser, 'x')) return false;
  return childrenOf(bytes, scope).some(
    (child) => isNamed(child, ns.mucUser, 'invite') || isNamed(child, ns.mucUser, 'decline'),
  );
}

/** XEP-0045 §7.13, §8.6: a form by which a voice is asked for, or granted. */
function isRoomRequest({ bytes, tag, scope }: Child): boolean {
  if (!isElement(tag, scope, ns.dataForms, 'x')) return false;
  return childrenOf(bytes, scope).some((field) => {
    if (!isNamed(field, ns.dataForms, 'field') || field.tag.attributes.get('var') !== 'FORM_TYPE') return false;
    const value = findChild(field.bytes, field.scope, ns.dataForms, 'value');
    return value !== undefined && textOf(value.bytes).trim() === ns.mucRequest;
  });
}
