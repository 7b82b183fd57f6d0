// The virtual contact where a set-up does not have it.
import type { Bindings } from '../../../shared/xml/tag.ts';
import { stanzaHead } from '../../../shared/xmpp/stanza.ts';
import { stanzaError } from '../../../shared/xmpp/stream-error.ts';
import { goesUp, type Outcome } from '../outcome.ts';

/**
 * What becomes of a stanza for it: the address is nobody's on any server, so it leaves in no case. One about it, a
 * change of the roster, is the server's matter.
 */
export function withoutContact(stanza: Uint8Array, scope: Bindings): Outcome {
  if (stanzaHead(stanza, scope).to === undefined) return goesUp(stanza);
  const error = stanzaError(stanza, scope, { type: 'cancel', condition: 'remote-server-not-found' });
  return { up: [], down: error === undefined ? [] : [error] };
}
