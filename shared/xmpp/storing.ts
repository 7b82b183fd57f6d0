// How servers shall keep a message that they cannot read (XEP-0334): as they
// would have kept it in clear, so that archives, carbons and clients' counts of
// what is unread are the same (docs/protocol.md §9.5; transparency.md §5.7).

import { contentOf } from '../xml/children.ts';
import { namespaceOf } from '../xml/tag.ts';
import { ns } from './namespaces.ts';
import type { Child } from './stanza.ts';

/** A hint of the sending proxy's; none leaves it to each server. */
export type StorageHint = 'store' | 'no-store' | 'no-permanent-store' | undefined;

/** What some servers archive for its own sake, and others do not. They take `<encrypted/>` alike. */
const keptBySome: ReadonlySet<string> = new Set([
  ns.receipts,
  ns.chatMarkers,
  ns.conferenceInvitation,
  'urn:xmpp:jingle-message:0',
  'urn:xmpp:jingle-message:1',
]);

/** The hint for a message with these children, none of which is for servers. */
export function storageHint(inside: readonly Child[], type: string | undefined): StorageHint {
  // Nobody keeps these, unless a hint says so.
  if (type === 'headline') return undefined;
  const texts = inside.filter(
    ({ tag, scope }) => namespaceOf(tag, scope) === ns.client && (tag.local === 'body' || tag.local === 'subject'),
  );
  if (texts.some(({ bytes }) => hasContent(bytes))) return 'store';
  if (texts.length > 0) return undefined;
  const namespaces = inside.map(({ tag, scope }) => namespaceOf(tag, scope) ?? '');
  return namespaces.some((namespace) => keptBySome.has(namespace)) ? undefined : 'no-permanent-store';
}

function hasContent(element: Uint8Array): boolean {
  const content = contentOf(element);
  return content !== undefined && content.end > content.start;
}
