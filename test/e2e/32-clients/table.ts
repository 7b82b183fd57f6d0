// Which clients talk with each other, each behind a proxy of its own. Each row
// is a test. The first one begins: finch, gajim, pidgin and
// poezio are driven in a conversation that somebody else has opened.
import type { Topology } from '../20-topologies/table.ts';
import type { Way } from '../31-encrypted/pair.ts';

type ClientName = Topology['client'];

export interface Conversation {
  readonly at: 'Prosody' | 'ejabberd';
  readonly way: Way;
  readonly first: Exclude<ClientName, 'finch' | 'gajim' | 'pidgin' | 'poezio'>;
  readonly second: ClientName;
}

const rows: readonly (readonly [Conversation['at'], Way, Conversation['first'], ClientName])[] = [
  ['Prosody', 'gateway', 'slixmpp', 'profanity'],
  ['Prosody', 'gateway', 'slixmpp', 'gajim'],
  ['Prosody', 'direct', 'profanity', 'finch'],
  ['Prosody', 'direct', 'slixmpp', 'pidgin'],
  ['ejabberd', 'gateway', 'profanity', 'pidgin'],
  ['ejabberd', 'gateway', 'go-sendxmpp', 'slixmpp'],
  ['ejabberd', 'direct', 'profanity', 'gajim'],
  ['ejabberd', 'direct', 'slixmpp', 'poezio'],
];

export const conversations: readonly Conversation[] = rows.map(([at, way, first, second]) => ({
  at,
  way,
  first,
  second,
}));

/** Those that can share a server and two machines, in the order of the table. */
export function groupsOf(all: readonly Conversation[]): readonly (readonly Conversation[])[] {
  return [...Map.groupBy(all, ({ at, way }) => `${at} ${way}`).values()];
}
