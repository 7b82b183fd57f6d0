// Which children of a message servers must see, so that they stay outside of
// the envelope, and which can never stand inside of one (docs/protocol.md §9.5,
// XEP-0420 §4: elements that servers process).

import type { Bindings, StartTag } from '../xml/tag.ts';
import { namespaceOf } from '../xml/tag.ts';
import { ns } from './namespaces.ts';

const outside: ReadonlyMap<string, readonly string[]> = new Map([
  [ns.hints, ['store', 'no-store', 'no-permanent-store', 'no-copy']],
  [ns.stanzaIds, ['origin-id', 'stanza-id']],
  [ns.oldMam, ['archived']],
  [ns.delay, ['delay']],
  [ns.legacyDelay, ['x']],
  [ns.addresses, ['addresses']],
  [ns.carbons, ['private']],
  [ns.mucUser, ['x']],
]);

const forbidden: ReadonlyMap<string, readonly string[]> = new Map([
  [ns.client, ['error', 'message', 'presence', 'iq']],
  // Clients that check no sender would take these for a copy by their own server (CVE-2017-5589).
  [ns.carbons, ['sent', 'received']],
  [ns.mam, ['result', 'fin']],
]);

function has(list: ReadonlyMap<string, readonly string[]>, namespace: string, local: string): boolean {
  return list.get(namespace)?.includes(local) === true;
}

/** Whether a child of a message with this name is for servers. */
export function isOutsideName(namespace: string, local: string): boolean {
  return has(outside, namespace, local);
}

/** Whether a child of a message is for servers, or was added by one. */
export function isOutside(tag: StartTag, scope: Bindings): boolean {
  return isOutsideName(namespaceOf(tag, scope) ?? '', tag.local);
}

/** Whether a child of a message is a processing hint (XEP-0334), which only senders write. */
export function isHint(tag: StartTag, scope: Bindings): boolean {
  return namespaceOf(tag, scope) === ns.hints;
}

/** Whether a child can stand in no envelope as content: SIMPP's own, and what would be mistaken for a server's. */
export function isForbiddenInside(tag: StartTag, scope: Bindings): boolean {
  const namespace = namespaceOf(tag, scope) ?? '';
  if (namespace === ns.simppMessages || namespace === ns.streams) return true;
  if (namespace === ns.trustMessages) return tag.attributes.get('encryption') === ns.simppMessages;
  return has(forbidden, namespace, tag.local);
}
