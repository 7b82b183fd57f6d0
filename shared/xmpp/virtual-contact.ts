// What the proxy says to a client in the name of its virtual contact
// (transparency.md §5.8): one entry in the roster, its presence, its messages.
// Each is self-contained, so that it means the same on any stream.

import { utf8 } from '../bytes.ts';
import { element, escapeText } from '../xml/write.ts';
import { ns } from './namespaces.ts';

/** An entry of the roster as a push shows it; `to` is the client's full JID. */
export interface RosterEntry {
  readonly jid: string;
  readonly name: string;
  readonly group?: string | undefined;
  readonly subscription?: 'both' | 'to' | 'from' | 'none' | 'remove' | undefined;
  readonly to?: string | undefined;
  readonly id: string;
}

/** A roster push (RFC 6121 §2.1.6) without `ver`, so that the client's copy of the server's roster keeps its own. */
export function rosterPush({ jid, name, group, subscription = 'both', to, id }: RosterEntry): Uint8Array {
  const groups = group === undefined ? [] : [element('group', {}, escapeText(group))];
  const item =
    subscription === 'remove'
      ? element('item', { jid, subscription })
      : element('item', { jid, name, subscription }, ...groups);
  const query = element('query', { xmlns: ns.roster }, item);
  return utf8(element('iq', { xmlns: ns.client, type: 'set', to, id }, query));
}

/** A presence; without a type it is available. */
export interface PresenceFrom {
  readonly from: string;
  readonly to?: string | undefined;
  readonly type?: 'unavailable' | 'subscribed' | 'unsubscribed' | undefined;
  readonly status?: string | undefined;
  readonly lang?: string | undefined;
}

/** A presence of a contact (RFC 6121 §4). */
export function presenceFrom({ from, to, type, status, lang }: PresenceFrom): Uint8Array {
  const text = status === undefined ? [] : [element('status', {}, escapeText(status))];
  return utf8(element('presence', { xmlns: ns.client, from, to, type, 'xml:lang': lang }, ...text));
}

/** A message with a text and nothing else. */
export interface MessageFrom {
  readonly from: string;
  readonly to?: string | undefined;
  readonly id: string;
  readonly text: string;
  readonly thread?: string | undefined;
  readonly type?: 'chat' | 'headline' | undefined;
  readonly lang?: string | undefined;
}

/** A message of a contact. */
export function messageFrom({ from, to, id, text, thread, type = 'chat', lang }: MessageFrom): Uint8Array {
  const threads = thread === undefined ? [] : [element('thread', {}, escapeText(thread))];
  const body = element('body', {}, escapeText(text));
  return utf8(element('message', { xmlns: ns.client, from, to, type, id, 'xml:lang': lang }, body, ...threads));
}
