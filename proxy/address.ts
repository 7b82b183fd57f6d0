// Addresses as people type them for set-ups: a bare JID or a domain.

import { SimppError } from '../shared/errors.ts';
import { formatJid, parseJid, type Jid } from '../shared/xmpp/jid.ts';
import type { SetupName } from './options.ts';

/** A domain, prepared; undefined when the text is anything else. */
export function normalDomain(text: string): string | undefined {
  const jid = attempt(text);
  return jid === undefined || jid.local !== undefined || jid.resource !== undefined ? undefined : jid.domain;
}

/** A bare JID with a localpart, prepared; undefined when the text is anything else. */
export function normalJid(text: string): string | undefined {
  const jid = attempt(text);
  return jid === undefined || jid.local === undefined || jid.resource !== undefined ? undefined : formatJid(jid);
}

/** Whom a set-up is for; throws SimppError('jid-invalid') that says what is wrong. */
export function parseSetupName(text: string): SetupName {
  const jid = parseJid(text.trim());
  if (jid.resource !== undefined) {
    throw new SimppError(
      'jid-invalid',
      `The address has a resource ("/${jid.resource}"); leave it out, clients choose it.`,
    );
  }
  return jid.local === undefined ? { kind: 'domain', domain: jid.domain } : { kind: 'jid', jid: formatJid(jid) };
}

/** The domain of a set-up. */
export function setupDomain(name: SetupName): string {
  return name.kind === 'domain' ? name.domain : name.jid.slice(name.jid.lastIndexOf('@') + 1);
}

function attempt(text: string): Jid | undefined {
  try {
    return parseJid(text);
  } catch {
    return undefined;
  }
}
