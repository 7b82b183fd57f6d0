// Errors that SIMPP itself says to a client: stream errors (RFC 6120 §4.9),
// SASL failures (§6.5) and stanza errors (§8.3; transparency.md §5.6).

import { utf8 } from '../bytes.ts';
import { contentOf } from '../xml/children.ts';
import type { Bindings } from '../xml/tag.ts';
import { rebinding } from '../xml/rebind.ts';
import { noBindings, readStartTag } from '../xml/tag.ts';
import { decode } from '../xml/utf8.ts';
import type { Xml } from '../xml/write.ts';
import { element, escapeText, trustedXml } from '../xml/write.ts';
import { ns } from './namespaces.ts';
import { stanzaHead } from './stanza.ts';

/** A `<stream:error/>` for a stream whose header `writeHeader` wrote, with an application's own condition if given; the caller closes the stream. */
export function streamError(condition: string, text?: string, lang?: string, detail?: Xml): Uint8Array {
  return utf8(
    element(
      'stream:error',
      {},
      element(condition, { xmlns: ns.streamErrors }),
      ...errorText(ns.streamErrors, text, lang),
      ...(detail === undefined ? [] : [detail]),
    ),
  );
}

/** A SASL `<failure/>`; the stream goes on and the client may try again (RFC 6120 §6.4.5). */
export function saslFailure(condition: string, text?: string, lang?: string): Uint8Array {
  const explanation = text === undefined ? [] : [element('text', { 'xml:lang': lang ?? 'en' }, escapeText(text))];
  return utf8(element('failure', { xmlns: ns.sasl }, element(condition), ...explanation));
}

/** What went wrong with a stanza (RFC 6120 §8.3.2, §8.3.3). */
export interface StanzaError {
  readonly type: 'auth' | 'cancel' | 'continue' | 'modify' | 'wait';
  readonly condition: string;
  readonly text?: string;
  readonly lang?: string;
}

/** Who makes the proxy's errors: a reserved name that no server can have. */
export const errorOrigin = 'simpp.invalid';

/** What a header binds that is written as usual. */
const usual: Bindings = new Map([...noBindings, ['', ns.client], ['stream', ns.streams]]);

/**
 * The error that answers a stanza: its name, id, declarations and children kept,
 * from and to swapped. Undefined where none may be sent: for errors and results (RFC 6120 §8.3.1).
 */
export function stanzaError(original: Uint8Array, scope: Bindings, error: StanzaError): Uint8Array | undefined {
  const head = stanzaHead(original, scope);
  if (head.type === 'error' || (head.local === 'iq' && head.type === 'result')) return undefined;
  const tag = readStartTag(original);
  const attributes: Record<string, string | undefined> = {};
  for (const [name, value] of tag.attributes) attributes[name] = value;
  const content = contentOf(original);
  const children = content === undefined ? '' : decode(original.subarray(content.start, content.end));
  // The stanza may stand in another default namespace than the one of <error/>, its child.
  const inherited = tag.prefix === '' ? {} : { xmlns: head.namespace };
  const answer = utf8(
    element(
      tag.name,
      { ...attributes, type: 'error', from: head.to, to: head.from },
      trustedXml(children),
      element(
        'error',
        { ...inherited, type: error.type, by: errorOrigin },
        element(error.condition, { xmlns: ns.stanzaErrors }),
        ...errorText(ns.stanzaErrors, error.text, error.lang),
      ),
    ),
  );
  // It goes back, where what the sender's header binds is not bound.
  return rebinding(scope, usual)(answer);
}

function errorText(namespace: string, text: string | undefined, lang = 'en'): readonly Xml[] {
  return text === undefined ? [] : [element('text', { xmlns: namespace, 'xml:lang': lang }, escapeText(text))];
}
