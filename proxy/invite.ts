// Invites: what an administrator hands out so that a person's proxy finds the
// gateway and pins KU_S (docs/protocol.md §3):
//
//   simpp://HOST[:PORT]/DOMAIN[,DOMAIN…]?key=BASE64URL[&profile=classic]
//
// The key is public; whoever can change an invite on its way can stand in the
// middle, so it travels on a path that people trust, or its fingerprint is
// compared.

import { fromBase64Url, toBase64Url } from '../shared/bytes.ts';
import { SimppError } from '../shared/errors.ts';
import type { GatewayKeys } from '../shared/simpp/fingerprint.ts';
import { normalDomain } from './address.ts';
import { formatEndpoint, parseEndpoint, type Endpoint } from './endpoint.ts';
import type { ProfileName } from '../shared/simpp/profile.ts';

/** KU_S in the form that invites carry; its points are not yet checked to be on the curve. */
export interface InvitedKey {
  readonly profile: ProfileName;
  /** simpp-2: agreement ‖ signing point, 65 + 65 bytes; classic: one P-224 point, 57 bytes. */
  readonly bytes: Uint8Array;
}

/** What an invite says. */
export interface Invite {
  readonly gateway: Endpoint;
  readonly domains: readonly string[];
  readonly key: InvitedKey;
}

const defaultPort = 5222;
const maxInviteLength = 2048;
const maxDomains = 16;
const p256PointBytes = 65;
const p224PointBytes = 57;
/** First byte of an uncompressed point (SEC 1 §2.3.3). */
const uncompressed = 4;

/** Reads an invite; throws SimppError('invite-invalid') that says what is wrong. */
export function parseInvite(text: string): Invite {
  const trimmed = text.trim();
  if (trimmed.length > maxInviteLength) throw invalid('it is too long');
  const match = /^simpp:\/\/([^/?#]*)\/([^?#]*)\?([^#]*)$/i.exec(trimmed);
  if (match === null) {
    throw invalid(
      /^simpp:/i.test(trimmed)
        ? 'it has not the form simpp://HOST:PORT/DOMAIN?key=…'
        : 'it does not begin with simpp://',
    );
  }
  const [, authority = '', path = '', query = ''] = match;
  const gateway = parseEndpoint(authority, defaultPort);
  if (gateway === undefined) throw invalid(`its address ${quote(authority)} is not HOST:PORT`);
  const domains = parseDomains(path);
  const parameters = parseQuery(query);
  return { gateway, domains, key: parseKey(parameters.get('key'), parameters.get('profile')) };
}

/** The one text of an invite. */
export function formatInvite(invite: Invite): string {
  const domains = invite.domains.map(encodeURIComponent).join(',');
  const profile = invite.key.profile === 'classic' ? '&profile=classic' : '';
  return `simpp://${formatEndpoint(invite.gateway)}/${domains}?key=${toBase64Url(invite.key.bytes)}${profile}`;
}

/** KU_S from base64url, by its length and form; undefined when it is neither profile's. */
export function parseInvitedKey(text: string): InvitedKey | undefined {
  const bytes = decodeBase64Url(text);
  if (bytes === undefined || bytes[0] !== uncompressed) return undefined;
  if (bytes.length === p224PointBytes) return { profile: 'classic', bytes };
  const isPair = bytes.length === 2 * p256PointBytes && bytes[p256PointBytes] === uncompressed;
  return isPair ? { profile: 'simpp-2', bytes } : undefined;
}

/** The halves of KU_S. The paper's gateway, profile classic, has one key for both jobs. */
export function gatewayKeysOf(key: InvitedKey): GatewayKeys {
  if (key.profile === 'classic') return { agreement: key.bytes, signing: key.bytes };
  return { agreement: key.bytes.subarray(0, p256PointBytes), signing: key.bytes.subarray(p256PointBytes) };
}

function parseDomains(path: string): string[] {
  const texts = path.split(',');
  if (texts.length > maxDomains) throw invalid('it names too many domains');
  const domains = texts.map((text) => {
    const domain = normalDomain(decodePercent(text));
    if (domain === undefined) throw invalid(text === '' ? 'it names no domain' : `${quote(text)} is not a domain`);
    return domain;
  });
  return [...new Set(domains)];
}

function parseQuery(query: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const part of query.split('&')) {
    const [, name = '', value = ''] = (/^([^=]*)=?(.*)$/s.exec(part) ?? []).map(decodePercent);
    if (parameters.has(name)) throw invalid(`it has ${quote(name)} twice`);
    // A parameter that is not understood may be one that restricts what the rest means.
    if (name !== 'key' && name !== 'profile')
      throw invalid(`it has the unknown part ${quote(name)}; a newer simpp may read it`);
    parameters.set(name, value);
  }
  return parameters;
}

function parseKey(text: string | undefined, profile: string | undefined): InvitedKey {
  if (text === undefined) throw invalid('its key is missing');
  if (profile !== undefined && profile !== 'simpp-2' && profile !== 'classic') {
    throw invalid(`its profile ${quote(profile)} is unknown`);
  }
  const key = parseInvitedKey(text);
  if (key === undefined || key.profile !== (profile ?? 'simpp-2')) {
    throw invalid('its key is damaged; copy the whole invite, to the last character');
  }
  return key;
}

function decodeBase64Url(text: string): Uint8Array | undefined {
  try {
    return fromBase64Url(text);
  } catch {
    return undefined;
  }
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid(`${quote(text)} is not percent-encoded UTF-8`);
  }
}

function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}…` : text);
}

function invalid(why: string): SimppError {
  return new SimppError('invite-invalid', `The invite cannot be read: ${why}.`);
}
