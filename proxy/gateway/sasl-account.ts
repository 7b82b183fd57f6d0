// Which account a SASL exchange is for, as far as it can be read: only PLAIN
// and SCRAM name it in the client's first message (RFC 4616, RFC 5802).

import { bareJid } from '../../shared/xmpp/jid.ts';
import { readPlain } from '../sasl/plain.ts';
import { readClientFirst } from '../sasl/scram-message.ts';

/** A login that SASL was asked for. */
export interface SaslLogin {
  readonly mechanism: string;
  /** The authentication identity, as typed; undefined until it is known, or for ever. */
  readonly authcid?: string;
  /** The identity to act as, when it is another. */
  readonly authzid?: string;
}

/** The login with the names of the client's first message in it. */
export function withNames(login: SaslLogin, firstMessage: Uint8Array): SaslLogin {
  const names = readNames(login.mechanism, firstMessage);
  if (names === undefined) return login;
  return { ...login, authcid: names.authcid, ...(names.authzid === undefined ? {} : { authzid: names.authzid }) };
}

function readNames(
  mechanism: string,
  message: Uint8Array,
): { readonly authcid: string; readonly authzid?: string | undefined } | undefined {
  if (mechanism === 'PLAIN') return readPlain(message);
  if (!mechanism.startsWith('SCRAM-')) return undefined;
  try {
    const { username, header } = readClientFirst(message);
    return { authcid: username, authzid: header.authzid };
  } catch {
    // Not the grammar of SCRAM: the server refuses it.
    return undefined;
  }
}

/** The bare JID of a name at a domain; undefined when it can be none. */
export function jidOfName(name: string | undefined, domain: string): string | undefined {
  // What looks like a whole address would be read as that address.
  if (name === undefined || /[@/]/.test(name)) return undefined;
  try {
    return bareJid(`${name}@${domain}`);
  } catch {
    return undefined;
  }
}

/** The bare JID that a finished SASL exchange gave; undefined when it cannot be told, or is somebody else's. */
export function jidOfLogin(login: SaslLogin | undefined, domain: string): string | undefined {
  const jid = jidOfName(login?.authcid, domain);
  if (login?.authzid === undefined) return jid;
  try {
    return bareJid(login.authzid) === jid ? jid : undefined;
  } catch {
    return undefined;
  }
}
