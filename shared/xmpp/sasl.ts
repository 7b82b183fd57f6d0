// The elements of SASL negotiation (RFC 6120 §6.4), read from raw bytes.
// SCRAM and PLAIN themselves are not here: this is only their envelope.

import { fromBase64 } from '../bytes.ts';
import { SimppError } from '../errors.ts';
import { textOf } from '../xml/children.ts';
import type { Bindings } from '../xml/tag.ts';
import { namespaceOf, readStartTag } from '../xml/tag.ts';
import { ns } from './namespaces.ts';
import { childrenOf } from './stanza.ts';

/** One SASL element; `payload` is decoded, undefined when the element was empty, of length 0 for `=`. */
export type SaslElement =
  | { readonly kind: 'auth'; readonly mechanism: string; readonly payload: Uint8Array | undefined }
  | { readonly kind: 'challenge' | 'response' | 'success'; readonly payload: Uint8Array | undefined }
  | { readonly kind: 'failure'; readonly condition: string; readonly text: string | undefined }
  | { readonly kind: 'abort' };

/** Reads a SASL element; undefined for any other; throws SimppError `malformed-message` on a payload that is not base64. */
export function readSasl(element: Uint8Array, scope: Bindings): SaslElement | undefined {
  const tag = readStartTag(element);
  if (namespaceOf(tag, scope) !== ns.sasl) return undefined;
  switch (tag.local) {
    case 'auth':
      return { kind: 'auth', mechanism: tag.attributes.get('mechanism') ?? '', payload: readPayload(element) };
    case 'challenge':
    case 'response':
    case 'success':
      return { kind: tag.local, payload: readPayload(element) };
    case 'failure':
      return readFailure(element, scope);
    case 'abort':
      return { kind: 'abort' };
    default:
      return undefined;
  }
}

function readPayload(element: Uint8Array): Uint8Array | undefined {
  // White space is no base64, but stanzas of hand-written clients carry line ends.
  const text = textOf(element).trim();
  if (text === '') return undefined;
  // RFC 6120 §6.4.2: a single equals sign is a payload of length 0.
  if (text === '=') return new Uint8Array(0);
  try {
    return fromBase64(text);
  } catch (cause) {
    throw new SimppError('malformed-message', 'SASL data is not base64.', { cause });
  }
}

function readFailure(element: Uint8Array, scope: Bindings): SaslElement {
  let condition = 'not-authorized';
  let text: string | undefined;
  for (const child of childrenOf(element, scope)) {
    if (namespaceOf(child.tag, child.scope) !== ns.sasl) continue;
    if (child.tag.local === 'text') text ??= textOf(child.bytes);
    else condition = child.tag.local;
  }
  return { kind: 'failure', condition, text };
}
