// The two old ways to log in and to register by IQ: XEP-0078 (non-SASL
// authentication, 2.5) and XEP-0077 (in-band registration, 2.4), read from raw
// bytes where a leg or the gateway must follow what they do.

import { textOf } from '../xml/children.ts';
import type { Bindings } from '../xml/tag.ts';
import { isElement, namespaceOf } from '../xml/tag.ts';
import { ns } from './namespaces.ts';
import type { Child } from './stanza.ts';
import { childrenOf, findChild, iqPayload } from './stanza.ts';

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
  return pick(fieldsOf(query, ns.legacyAuth), ['username', 'resource', 'password', 'digest']);
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
  const fields = form === undefined ? fieldsOf(query, ns.register) : formFields(form);
  return { kind: 'set', ...pick(fields, ['username', 'password']) };
}

type Fields = ReadonlyMap<string, string>;

/** Text of each child that carries only text, by its name. */
function fieldsOf(query: Child, namespace: string): Fields {
  const fields = new Map<string, string>();
  for (const child of childrenOf(query.bytes, query.scope)) {
    if (namespaceOf(child.tag, child.scope) === namespace) fields.set(child.tag.local, textOf(child.bytes));
  }
  return fields;
}

/** First value of each field of a submitted form (XEP-0004 §3.2). */
function formFields(form: Child): Fields {
  const fields = new Map<string, string>();
  for (const field of childrenOf(form.bytes, form.scope)) {
    const name = field.tag.attributes.get('var');
    if (name === undefined || !isElement(field.tag, field.scope, ns.dataForms, 'field')) continue;
    const value = findChild(field.bytes, field.scope, ns.dataForms, 'value');
    if (value !== undefined) fields.set(name, textOf(value.bytes));
  }
  return fields;
}

function pick<Name extends string>(fields: Fields, names: readonly Name[]): { readonly [Key in Name]?: string } {
  const picked: { [Key in Name]?: string } = {};
  for (const name of names) {
    const value = fields.get(name);
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}
