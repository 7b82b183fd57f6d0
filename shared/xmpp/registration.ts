// The two old ways to log in and to register by IQ: XEP-0078 (non-SASL
// authentication, 2.5) and XEP-0077 (in-band registration, 2.4), read from raw
// bytes where a leg or the gateway must follow what they do.

import type { Bindings } from '../xml/tag.ts';
import { isElement } from '../xml/tag.ts';
import { textOf } from '../xml/children.ts';
import { ns } from './namespaces.ts';
import type { Child } from './stanza.ts';
import { childText, childrenOf, findChild, iqPayload, stanzaHead } from './stanza.ts';

/** The fields of a XEP-0078 login; absent ones have no key. */
export interface LegacyLogin {
  readonly username?: string;
  readonly resource?: string;
  readonly password?: string;
  /** Hex SHA-1 over stream id and password (XEP-0078 §3.2). */
  readonly digest?: string;
}

/** Reads the IQ that logs in by XEP-0078; undefined for anything else. */
export function readLegacyLogin(element: Uint8Array, scope: Bindings): LegacyLogin | undefined {
  const query = iqPayload(element, scope, 'set', ns.legacyAuth, 'query');
  if (query === undefined) return undefined;
  return fieldsOf(query, ns.legacyAuth, ['username', 'resource', 'password', 'digest']);
}

/** A XEP-0078 login that every server reads alike. */
export interface WholeLegacyLogin {
  readonly id: string;
  readonly username: string;
}

/**
 * Reads a XEP-0078 login with all that one needs and nothing else: an id, one payload, in it one user name, one
 * resource and one password or digest. Undefined for anything else, which some server may take for a login and some
 * for a question: its result proves nobody's name. Whom `to` names is the caller's to judge.
 */
export function readWholeLegacyLogin(element: Uint8Array, scope: Bindings): WholeLegacyLogin | undefined {
  const query = iqPayload(element, scope, 'set', ns.legacyAuth, 'query');
  const { id } = stanzaHead(element, scope);
  if (query === undefined || !id || childrenOf(element, scope).length !== 1) return undefined;
  const fields = childrenOf(query.bytes, query.scope);
  const isField = (name: string): boolean =>
    fields.filter((field) => isElement(field.tag, field.scope, ns.legacyAuth, name)).length === 1;
  const isWhole = isField('username') && isField('resource') && isField('password') !== isField('digest');
  const username = fields.find(({ tag }) => tag.local === 'username');
  if (!isWhole || fields.length !== 3 || username === undefined) return undefined;
  if (fields.some(({ bytes }) => childrenOf(bytes, scope).length > 0)) return undefined;
  return { id, username: textOf(username.bytes) };
}

/** What a client asks for by XEP-0077: the fields to fill in, an account or a new password, or its removal. */
export type RegistrationRequest =
  | { readonly kind: 'query' }
  | { readonly kind: 'set'; readonly username?: string; readonly password?: string }
  | { readonly kind: 'remove' };

/** Reads a XEP-0077 request, plain fields or a data form; undefined for anything else. */
export function readRegistration(element: Uint8Array, scope: Bindings): RegistrationRequest | undefined {
  if (iqPayload(element, scope, 'get', ns.register, 'query') !== undefined) return { kind: 'query' };
  const query = iqPayload(element, scope, 'set', ns.register, 'query');
  if (query === undefined) return undefined;
  if (findChild(query.bytes, query.scope, ns.register, 'remove') !== undefined) return { kind: 'remove' };
  const form = findChild(query.bytes, query.scope, ns.dataForms, 'x');
  const names = ['username', 'password'] as const;
  return { kind: 'set', ...(form === undefined ? fieldsOf(query, ns.register, names) : formFields(form, names)) };
}

type Fields<Name extends string> = { readonly [Key in Name]?: string };

/** Text of the children with these names; others may hold anything. */
function fieldsOf<Name extends string>(query: Child, namespace: string, names: readonly Name[]): Fields<Name> {
  const fields: { [Key in Name]?: string } = {};
  for (const name of names) {
    const text = childText(query.bytes, query.scope, namespace, name);
    if (text !== undefined) fields[name] = text;
  }
  return fields;
}

/** First value of these fields of a submitted form (XEP-0004 §3.2). */
function formFields<Name extends string>(form: Child, names: readonly Name[]): Fields<Name> {
  const fields: { [Key in Name]?: string } = {};
  for (const field of childrenOf(form.bytes, form.scope)) {
    const name = names.find((each) => each === field.tag.attributes.get('var'));
    if (name === undefined || !isElement(field.tag, field.scope, ns.dataForms, 'field')) continue;
    const value = childText(field.bytes, field.scope, ns.dataForms, 'value');
    if (value !== undefined) fields[name] = value;
  }
  return fields;
}
