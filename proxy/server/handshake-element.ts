// The plaintext elements around a SIMPP handshake on the outer stream
// (docs/protocol.md §4): <handshake/> carries messages, <failure/> says no
// without a reason, <proceed/> hints that records follow.

import { fromBase64, toBase64 } from '../../shared/bytes.ts';
import { SimppError } from '../../shared/errors.ts';
import { textOf } from '../../shared/xml/children.ts';
import { namespaceOf, readStartTag, type Bindings } from '../../shared/xml/tag.ts';
import { element, escapeText } from '../../shared/xml/write.ts';

/** What the gateway may send while a handshake runs. */
export type HandshakeElement =
  | { readonly kind: 'handshake'; readonly message: Uint8Array }
  | { readonly kind: 'proceed' }
  | { readonly kind: 'failure' };

/** The messages of one step back to back; the first element of a handshake names the suite. */
export function writeHandshakes(namespace: string, messages: readonly Uint8Array[], suite?: string): string {
  return messages
    .map((message, at) =>
      element('handshake', { xmlns: namespace, suite: at === 0 ? suite : undefined }, escapeText(toBase64(message))),
    )
    .join('');
}

/** Reads one of the gateway's elements; throws SimppError('unexpected-element') on any other. */
export function readHandshakeElement(bytes: Uint8Array, scope: Bindings, namespace: string): HandshakeElement {
  const tag = readStartTag(bytes);
  if (namespaceOf(tag, scope) === namespace) {
    switch (tag.local) {
      case 'handshake':
        return { kind: 'handshake', message: decodeMessage(bytes) };
      case 'proceed':
      case 'failure':
        return { kind: tag.local };
    }
  }
  throw new SimppError('unexpected-element', 'The gateway sent an element that does not belong into the handshake.');
}

function decodeMessage(bytes: Uint8Array): Uint8Array {
  try {
    return fromBase64(textOf(bytes));
  } catch (cause) {
    throw new SimppError('malformed-message', 'A handshake message of the gateway is not base64.', { cause });
  }
}
