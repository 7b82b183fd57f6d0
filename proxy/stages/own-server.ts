// Who is meant by `to`, and who speaks by `from`, of an IQ between a client and
// its own server. An address with a resource is another client, though of the
// same account: its word is not the server's.
import { formatJid, parseJid } from '../../shared/xmpp/jid.ts';

/** Whether an attribute is absent (RFC 6120 §8.1.1.1, §8.1.2.1) or one of these prepared addresses, exactly. */
export function isOwnServer(written: string | undefined, addresses: readonly string[]): boolean {
  if (written === undefined) return true;
  try {
    return addresses.includes(formatJid(parseJid(written)));
  } catch {
    return false;
  }
}
