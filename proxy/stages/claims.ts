// Which stanzas the end-to-end stage claims. Most are none of its business:
// the bytes are looked at first, and only what may matter is looked into.
import { Buffer } from 'node:buffer';
import { isElement } from '../../shared/xml/tag.ts';
import { bareJid } from '../../shared/xmpp/jid.ts';
import { ns } from '../../shared/xmpp/namespaces.ts';
import { plainContentNames } from '../../shared/xmpp/plain-content.ts';
import { childrenOf, iqPayload } from '../../shared/xmpp/stanza.ts';
import { errorOrigin } from '../../shared/xmpp/stream-error.ts';
import type { Arrival } from './arrival.ts';
import type { Claim } from './errand.ts';

const encrypted = Buffer.from('urn:simpp:e2e');
const plainNames = plainContentNames.map((name) => Buffer.from(name));
const contact = Buffer.from(errorOrigin);

/** Whether these bytes stand anywhere in those. */
export function has(bytes: Uint8Array, part: Buffer): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(part);
}

/** What of the client's stanzas is the engine's matter: messages, and all that goes to the virtual contact. */
export function clientsClaim(arrival: Arrival): Claim | undefined {
  if (isToVirtualContact(arrival.attribute('to')) || isAboutVirtualContact(arrival)) return 'command';
  return arrival.local === 'message' && arrival.attribute('type') !== 'error' ? 'seal' : undefined;
}

function isToVirtualContact(to: string | undefined): boolean {
  if (to === undefined || !to.toLowerCase().includes(errorOrigin)) return false;
  return /^(?:[^@/]*@)?simpp\.invalid(?:\/|$)/i.test(to);
}

/** A client that renames it, or takes it off its roster: no server has it there. */
function isAboutVirtualContact({ local, part, scope }: Arrival): boolean {
  if (local !== 'iq' || !has(part.bytes, contact)) return false;
  const roster = iqPayload(part.bytes, scope, 'set', ns.roster, 'query');
  if (roster === undefined) return false;
  return childrenOf(roster.bytes, roster.scope).some(({ tag }) => isToVirtualContact(tag.attributes.get('jid')));
}

/**
 * What of the server's messages is: all that people may read, in whatever they are wrapped, headlines too, since
 * a sender could call anything one, and what changes an earlier message; not what says something only to programs, and events of XEP-0060 with their items.
 */
export function serversClaim(arrival: Arrival): Claim | undefined {
  if (arrival.local !== 'message') return undefined;
  const { bytes } = arrival.part;
  if (has(bytes, encrypted)) return 'open';
  if (!hasPlainName(bytes)) return undefined;
  const others = childrenOf(bytes, arrival.scope).filter(
    ({ tag, scope }) => !isElement(tag, scope, `${ns.pubsub}#event`, 'event'),
  );
  return others.some((child) => hasPlainName(child.bytes)) ? 'open' : undefined;
}

const hasPlainName = (bytes: Uint8Array): boolean => plainNames.some((name) => has(bytes, name));

/** Whether it answers a request or a message of the engine's own, whose ids begin so: the client knows of neither. */
export function isAnswerToOwn(arrival: Arrival, ownIdPrefix: string): boolean {
  const { local } = arrival;
  if (local === 'presence' || arrival.attribute('id')?.startsWith(ownIdPrefix) !== true) return false;
  const type = arrival.attribute('type');
  return type === 'error' || (local === 'iq' && type === 'result');
}

/** Who is at the other end of a stanza: a bare JID, '' for one's own account (RFC 6120 §8.1.1.1, §8.1.2.1). */
export function peerOf(arrival: Arrival, own: string | undefined): string {
  const written = arrival.attribute(arrival.from === 'client' ? 'to' : 'from');
  if (written === undefined) return '';
  const peer = bareOr(written);
  return peer === own ? '' : peer;
}

/** A bare JID, prepared; what is no address stays as it is written. */
export function bareOr(written: string): string {
  try {
    return bareJid(written);
  } catch {
    return written;
  }
}
