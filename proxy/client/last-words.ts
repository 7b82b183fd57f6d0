// A stream error as the last thing on a client's leg, whatever was said on it
// before: without a header of a server, the proxy writes its own (RFC 6120
// §4.9.1.2; transparency.md §3.5).
import { concat, utf8 } from '../../shared/bytes.ts';
import type { SimppError } from '../../shared/errors.ts';
import type { StartTag } from '../../shared/xml/tag.ts';
import { ns } from '../../shared/xmpp/namespaces.ts';
import { HandledTooMuch } from '../../shared/xmpp/stream-management.ts';
import { streamError } from '../../shared/xmpp/stream-error.ts';
import { streamFooter, writeHeader, type StreamHeader } from '../../shared/xmpp/stream-header.ts';
import { StreamErrorReceived } from '../server/received-error.ts';

/** The header that the client's present stream was answered with. */
export type Answered =
  | { readonly kind: 'not-yet'; readonly header: StreamHeader }
  | { readonly kind: 'by-us' }
  | { readonly kind: 'by-server'; readonly tag: StartTag };

/** What ends a client's stream with an error. */
export function lastWords(error: SimppError, answered: Answered): Uint8Array {
  const detail = error instanceof HandledTooMuch ? error.detail : undefined;
  const words = streamError(conditionOf(error), error.message, 'en', detail);
  switch (answered.kind) {
    case 'not-yet':
      return concat(writeHeader(answered.header), words, streamFooter);
    case 'by-us':
      return concat(words, streamFooter);
    case 'by-server':
      return concat(withPrefix(words, answered.tag), utf8(`</${answered.tag.name}>`));
  }
}

function conditionOf(error: SimppError): string {
  // A client that is sent elsewhere would go there past the proxy, and without TLS.
  const isOwn = !(error instanceof StreamErrorReceived) || error.condition === 'see-other-host';
  return isOwn ? error.streamCondition : error.condition;
}

/** The error uses the prefix `stream`, which a server's header may not have bound. */
function withPrefix(words: Uint8Array, header: StartTag): Uint8Array {
  if (header.attributes.get('xmlns:stream') === ns.streams) return words;
  const name = utf8('<stream:error');
  return concat(name, utf8(` xmlns:stream='${ns.streams}'`), words.subarray(name.length));
}
