// Messages within messages: carbons (XEP-0280) and results of history
// (XEP-0313), which one's own server, or a room, sends. One level is looked
// into, and there must be one message in it: whatever else a client could take
// for the copy is refused, so that client and proxy see the same one.

import { concat } from '../bytes.ts';
import { SimppError } from '../errors.ts';
import { withAttribute, withoutAttribute } from '../xml/attribute.ts';
import type { Bindings } from '../xml/tag.ts';
import { isElement, readStartTag } from '../xml/tag.ts';
import { bareJid } from './jid.ts';
import { ns } from './namespaces.ts';
import { type Child, childrenOf } from './stanza.ts';

/** A message that another one carries. */
export interface Copy {
  readonly kind: 'sent' | 'received' | 'history';
  /** `from` of the carrying message; absent for one's own account. */
  readonly carrier: string | undefined;
  /** Of a result of history: its query's, as the client named it, and the archive's id of the message. */
  readonly queryId: string | undefined;
  readonly archiveId: string | undefined;
  /** The message within, a view; its addresses as written. */
  readonly inner: Uint8Array;
  readonly innerScope: Bindings;
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** Where it stands in the carrying message. */
  readonly start: number;
  readonly end: number;
}

/**
 * The message that a message carries; undefined where it is none of these. Throws SimppError `unexpected-element` when
 * it is not clear which one, or when something to read stands beside it.
 */
export function copyIn(stanza: Uint8Array, scope: Bindings): Copy | undefined {
  const tag = readStartTag(stanza);
  if (!isElement(tag, scope, ns.client, 'message')) return undefined;
  const children = childrenOf(stanza, scope);
  const carriers = children.filter((child) => kindOf(child) !== undefined);
  const carrier = carriers[0];
  const kind = carrier === undefined ? undefined : kindOf(carrier);
  if (carrier === undefined || kind === undefined) return undefined;
  if (carriers.length > 1 || children.some((child) => isNamed(child, ns.client, 'body'))) throw ambiguous();
  const forwarded = only(carrier, ns.forward, 'forwarded');
  const inner = only(forwarded, ns.client, 'message');
  const start = inner.bytes.byteOffset - stanza.byteOffset;
  return {
    kind,
    carrier: tag.attributes.get('from'),
    queryId: kind === 'history' ? carrier.tag.attributes.get('queryid') : undefined,
    archiveId: kind === 'history' ? carrier.tag.attributes.get('id') : undefined,
    inner: inner.bytes,
    innerScope: inner.scope,
    from: inner.tag.attributes.get('from'),
    to: inner.tag.attributes.get('to'),
    start,
    end: start + inner.bytes.length,
  };
}

/** The carrying message with another one in it, which means the same there; around it every byte but those of its type stays. */
export function withInner(stanza: Uint8Array, copy: Copy, inner: Uint8Array): Uint8Array {
  const tag = readStartTag(stanza);
  const open = retyped(stanza.subarray(0, tag.end), typeOf(copy.inner), typeOf(inner));
  return concat(open, stanza.subarray(tag.end, copy.start), inner, stanza.subarray(copy.end));
}

/** A carbon has the type of what it carries (XEP-0280 §5), which was another one on the wire. */
function retyped(startTag: Uint8Array, wire: string | undefined, own: string | undefined): Uint8Array {
  if (wire === own || typeOf(startTag) !== wire) return startTag;
  return withAttribute(withoutAttribute(startTag, 'type'), 'type', own ?? 'normal');
}

function typeOf(stanza: Uint8Array): string | undefined {
  return readStartTag(stanza).attributes.get('type');
}

/**
 * Whether a copy comes from one's own account (`own`, bare and prepared), or its history from the given room: nobody
 * else may send any (CVE-2017-5589).
 */
export function isTrueCopy(copy: Copy, own: string, room?: string): boolean {
  // RFC 6120 §8.1.2.1: without `from` it is the account's.
  if (copy.carrier === undefined) return true;
  // Nobody's resource is the account.
  if (copy.carrier.includes('/')) return false;
  let carrier: string;
  try {
    carrier = bareJid(copy.carrier);
  } catch {
    return false;
  }
  return carrier === own || (copy.kind === 'history' && room !== undefined && carrier === room);
}

function kindOf({ tag, scope }: Child): Copy['kind'] | undefined {
  if (isElement(tag, scope, ns.carbons, 'sent')) return 'sent';
  if (isElement(tag, scope, ns.carbons, 'received')) return 'received';
  return isElement(tag, scope, ns.mam, 'result') ? 'history' : undefined;
}

function isNamed({ tag, scope }: Child, namespace: string, local: string): boolean {
  return isElement(tag, scope, namespace, local);
}

function only(parent: Child, namespace: string, local: string): Child {
  const [found, ...more] = childrenOf(parent.bytes, parent.scope).filter((child) => isNamed(child, namespace, local));
  if (found === undefined || more.length > 0) throw ambiguous();
  return found;
}

function ambiguous(): SimppError {
  return new SimppError('unexpected-element', 'A copy of a message does not have exactly one message in it.');
}
