// Whom a client's message goes to: people are encrypted to, rooms and services
// are not.
import type { Bindings } from '../../shared/xml/tag.ts';
import { bareJid } from '../../shared/xmpp/jid.ts';
import { ns } from '../../shared/xmpp/namespaces.ts';
import { findChild, stanzaHead } from '../../shared/xmpp/stanza.ts';

/** Whom a message goes to, by a bare JID. */
export interface Addressee {
  readonly kind: 'person' | 'room' | 'service';
  readonly jid: string;
}

/**
 * Whom a message of the account `ownJid` goes to; undefined for what is no address. Whoever `hasKey` is no room, even if
 * a server has made the client believe it (XEP-0045 §7.5: it then marks what it writes to an occupant).
 */
export function addresseeOf(
  stanza: Uint8Array,
  scope: Bindings,
  ownJid: string,
  hasKey: (jid: string) => boolean = () => false,
): Addressee | undefined {
  const { to, type } = stanzaHead(stanza, scope);
  // RFC 6121 §8.1.1.1: without an address it is for one's own account.
  if (to === undefined) return { kind: 'person', jid: ownJid };
  let jid: string;
  try {
    jid = bareJid(to);
  } catch {
    // Its server has the right words for that.
    return undefined;
  }
  const isToOccupant = findChild(stanza, scope, ns.mucUser, 'x') !== undefined && !hasKey(jid);
  if (type === 'groupchat' || isToOccupant) return { kind: 'room', jid };
  return { kind: jid.includes('@') ? 'person' : 'service', jid };
}
