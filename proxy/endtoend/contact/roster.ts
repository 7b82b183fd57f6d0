// How the virtual contact comes into a client's list: a roster push without
// `ver`, so that the server's own version stays the one that the client knows
// (RFC 6121 §2.6), and its presence (transparency.md §5.8).
import { utf8 } from '../../../shared/bytes.ts';
import { element, escapeText } from '../../../shared/xml/write.ts';
import { ns } from '../../../shared/xmpp/namespaces.ts';
import { virtualContactJid } from './address.ts';
import type { Words } from './words/words.ts';

const contactName = 'SIMPP';

/** The push; its result, with this id, is nobody's but the proxy's. */
export function rosterPush(client: string, id: string): Uint8Array {
  const item = element(
    'item',
    { jid: virtualContactJid, name: contactName, subscription: 'both' },
    element('group', {}, escapeText(contactName)),
  );
  return utf8(
    element('iq', { xmlns: ns.client, type: 'set', id, to: client }, element('query', { xmlns: ns.roster }, item)),
  );
}

/** Its presence; the status says how many things need a decision. */
export function presenceOf(client: string, from: string, words: Words, alarms: number): Uint8Array {
  const status = element('status', { 'xml:lang': words.language }, escapeText(words.presence(alarms)));
  return utf8(element('presence', { xmlns: ns.client, from, to: client }, status));
}

/** An answer to a subscription request. */
export function presenceAnswer(client: string, from: string, type: 'subscribed' | 'unsubscribed'): Uint8Array {
  return utf8(element('presence', { xmlns: ns.client, from, to: client, type }));
}
