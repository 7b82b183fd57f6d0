// Addresses of XMPP (RFC 7622), and passwords, which are prepared by the same
// rules as resources. A JID is compared and hashed only in the form that
// parseJid returns (protocol.md §2.4).

import { utf8 } from '../bytes.ts';
import { SimppError } from '../errors.ts';
import { prepDomain } from './domain.ts';
import { opaqueString, usernameCaseMapped } from './precis.ts';

/** An address in its prepared form; a part that is absent has no key. */
export interface Jid {
  readonly local?: string;
  readonly domain: string;
  readonly resource?: string;
}

const maxPartBytes = 1023;

function invalid(what: string, cause?: unknown): SimppError {
  return new SimppError('jid-invalid', what, cause === undefined ? undefined : { cause });
}

function checkLength(part: string, name: string): string {
  if (part === '') throw invalid(`The ${name} of the address is empty.`);
  if (utf8(part).length > maxPartBytes) {
    throw invalid(`The ${name} of the address has more than ${maxPartBytes} bytes.`);
  }
  return part;
}

// RFC 7622 §3.3.1: valid in a PRECIS username, not in a localpart.
const notInLocalpart = /["&'/:<>@]/;

function prepLocal(local: string): string {
  checkLength(local, 'localpart');
  const forbidden = notInLocalpart.exec(local);
  if (forbidden !== null) throw invalid(`The localpart of the address contains ${forbidden[0]}.`);
  const prepared = usernameCaseMapped(local);
  if (typeof prepared !== 'string') throw invalid(`The localpart of the address ${prepared.problem}.`);
  const produced = notInLocalpart.exec(prepared);
  if (produced !== null) throw invalid(`The localpart of the address contains ${produced[0]}.`);
  return checkLength(prepared, 'localpart');
}

function prepResource(resource: string): string {
  checkLength(resource, 'resource');
  const prepared = opaqueString(resource);
  if (typeof prepared !== 'string') throw invalid(`The resource of the address ${prepared.problem}.`);
  return checkLength(prepared, 'resource');
}

/** Reads and prepares an address; throws SimppError `jid-invalid` that names the part and what is wrong with it. */
export function parseJid(text: string): Jid {
  // RFC 7622 §3.1: the first slash begins the resource, which may contain @ and /.
  const slash = text.indexOf('/');
  const bare = slash < 0 ? text : text.slice(0, slash);
  const at = bare.indexOf('@');
  const domain = prepDomain(bare.slice(at + 1));
  if (typeof domain !== 'string') throw invalid(`The domain of the address ${domain.problem}.`);
  checkLength(domain, 'domain');
  return {
    ...(at < 0 ? {} : { local: prepLocal(bare.slice(0, at)) }),
    domain,
    ...(slash < 0 ? {} : { resource: prepResource(text.slice(slash + 1)) }),
  };
}

/** The text form of an address. */
export function formatJid(jid: Jid): string {
  const local = jid.local === undefined ? '' : `${jid.local}@`;
  const resource = jid.resource === undefined ? '' : `/${jid.resource}`;
  return `${local}${jid.domain}${resource}`;
}

/** The prepared address without its resource; throws SimppError `jid-invalid`. */
export function bareJid(text: string): string {
  const { local, domain } = parseJid(text);
  return formatJid(local === undefined ? { domain } : { local, domain });
}

/** The prepared domain of an address; throws SimppError `jid-invalid`. */
export function domainOf(text: string): string {
  return parseJid(text).domain;
}
