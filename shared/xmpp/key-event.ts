// Events of the personal nodes in which SIMPP keeps keys (docs/protocol.md
// §9.1): some servers send them to every client, and none has asked for them.

import type { Bindings } from '../xml/tag.ts';
import { isElement, readStartTag } from '../xml/tag.ts';
import { ns } from './namespaces.ts';
import { childrenOf, findChild } from './stanza.ts';

const keyNodes = `${ns.simppMessages}:`;

/** Whether a message is an event (XEP-0060) of such nodes, and of nothing else. */
export function isKeyEvent(stanza: Uint8Array, scope: Bindings): boolean {
  if (!isElement(readStartTag(stanza), scope, ns.client, 'message')) return false;
  const event = findChild(stanza, scope, `${ns.pubsub}#event`, 'event');
  if (event === undefined || findChild(stanza, scope, ns.client, 'body') !== undefined) return false;
  const changes = childrenOf(event.bytes, event.scope);
  return changes.length > 0 && changes.every(({ tag }) => tag.attributes.get('node')?.startsWith(keyNodes) === true);
}
