// Who may speak for a client's own server (RFC 6120 §10.3): a stanza without
// an address, with the domain's, or with the account's own without a resource.
// A resource is another session, which can write what it likes.

import { SimppError } from '../../shared/errors.ts';
import { formatJid, parseJid } from '../../shared/xmpp/jid.ts';

/** Whether an address, as written in `to` or `from`, is the server itself; `jid` is the account, bare and prepared. */
export function isOwnServer(address: string | undefined, domain: string, jid?: string): boolean {
  if (address === undefined) return true;
  try {
    const prepared = formatJid(parseJid(address));
    return prepared === domain || prepared === jid;
  } catch (error) {
    if (error instanceof SimppError) return false;
    throw error;
  }
}
