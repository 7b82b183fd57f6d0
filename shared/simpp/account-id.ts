// ID_A: a bare JID in its one prepared form (docs/protocol.md §2.4).
import { SimppError } from '../errors.ts';
import { parseJid } from '../xmpp/jid.ts';

/** Whether ID_A is the prepared bare JID of an account of the domain. */
export function isAccountOf(domain: string, idA: string): boolean {
  try {
    const jid = parseJid(idA);
    return jid.local !== undefined && jid.domain === domain && idA === `${jid.local}@${jid.domain}`;
  } catch (error) {
    if (error instanceof SimppError) return false;
    throw error;
  }
}
