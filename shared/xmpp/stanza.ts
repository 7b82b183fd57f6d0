// What the legs and the gateway need to know of a stanza, read from its raw
// bytes: enough to route it, and the few IQs that they watch for.

import { SimppError } from '../errors.ts';
import type { ByteRange } from '../xml/children.ts';
import { childElements, textOf } from '../xml/children.ts';
import type { Bindings, StartTag } from '../xml/tag.ts';
import { bindingsOf, isElement, namespaceOf, readStartTag } from '../xml/tag.ts';
import { ns } from './namespaces.ts';

/** The outermost tag of a stream's child; attribute values decoded, absent ones have no key. */
export interface StanzaHead {
  /** Empty when the element is in no namespace. */
  readonly namespace: string;
  readonly local: string;
  readonly id?: string;
  readonly type?: string;
  readonly to?: string;
  readonly from?: string;
}

/** Reads the outermost tag; throws SimppError `invalid-namespace` when its prefix is not bound. */
export function stanzaHead(element: Uint8Array, scope: Bindings): StanzaHead {
  const tag = readStartTag(element);
  const namespace = namespaceOf(tag, scope);
  if (namespace === undefined && tag.prefix !== '') {
    throw new SimppError('invalid-namespace', `The prefix ${tag.prefix} is not bound.`);
  }
  const head: { -readonly [Key in keyof StanzaHead]: StanzaHead[Key] } = {
    namespace: namespace ?? '',
    local: tag.local,
  };
  for (const name of ['id', 'type', 'to', 'from'] as const) {
    const value = tag.attributes.get(name);
    if (value !== undefined) head[name] = value;
  }
  return head;
}

/** An element inside another one: its own bytes, tag, and the bindings around it. */
export interface Child {
  readonly bytes: Uint8Array;
  readonly tag: StartTag;
  readonly scope: Bindings;
}

/** The child elements of an element, as views of its bytes. */
export function childrenOf(element: Uint8Array, scope: Bindings): readonly Child[] {
  const inner = bindingsOf(readStartTag(element), scope);
  return childElements(element).map(({ start, end }: ByteRange) => {
    const bytes = element.subarray(start, end);
    return { bytes, tag: readStartTag(bytes), scope: inner };
  });
}

/** The first child with this namespace and local name. */
export function findChild(element: Uint8Array, scope: Bindings, namespace: string, local: string): Child | undefined {
  return childrenOf(element, scope).find((child) => isElement(child.tag, child.scope, namespace, local));
}

/** Text of the first child with this namespace and local name. */
export function childText(element: Uint8Array, scope: Bindings, namespace: string, local: string): string | undefined {
  const child = findChild(element, scope, namespace, local);
  return child === undefined ? undefined : textOf(child.bytes);
}

/** The payload of an IQ of the given type, when it has this namespace and local name. */
export function iqPayload(
  element: Uint8Array,
  scope: Bindings,
  type: 'get' | 'set' | 'result',
  namespace: string,
  local: string,
): Child | undefined {
  const tag = readStartTag(element);
  if (!isElement(tag, scope, ns.client, 'iq') || tag.attributes.get('type') !== type) return undefined;
  return findChild(element, scope, namespace, local);
}

/** The full JID that the server bound (RFC 6120 §7.6), as written. */
export function readBindResult(element: Uint8Array, scope: Bindings): string | undefined {
  const bind = iqPayload(element, scope, 'result', ns.bind, 'bind');
  return bind === undefined ? undefined : childText(bind.bytes, bind.scope, ns.bind, 'jid')?.trim();
}

/** A client's bind request (RFC 6120 §7.6, §7.7): the IQ's id and the resource it asks for. */
export function readBindRequest(
  element: Uint8Array,
  scope: Bindings,
): { readonly id?: string; readonly resource?: string } | undefined {
  const bind = iqPayload(element, scope, 'set', ns.bind, 'bind');
  if (bind === undefined) return undefined;
  const { id } = stanzaHead(element, scope);
  const resource = childText(bind.bytes, bind.scope, ns.bind, 'resource');
  return { ...(id === undefined ? {} : { id }), ...(resource ? { resource } : {}) };
}
