// Reads what a client says before its login has ended here: SASL, and the few
// other things that a client may say then and must not.
import { SimppError } from '../../shared/errors.ts';
import type { StreamPart } from '../../shared/xml/scanner.ts';
import type { Bindings } from '../../shared/xml/tag.ts';
import { readSasl, type SaslElement } from '../../shared/xmpp/sasl.ts';
import { saslFailure } from '../../shared/xmpp/stream-error.ts';
import { Arrival } from '../stages/arrival.ts';
import { refusalOf } from '../stages/features.ts';

/** What a client can say in a login. */
export type ClientSasl =
  | Extract<SaslElement, { kind: 'auth' | 'abort' }>
  | { readonly kind: 'response'; readonly payload: Uint8Array | undefined };

export interface SaslReader {
  /** The next SASL element; undefined when the client closed. Throws SimppError for what ends the stream. */
  next(): Promise<ClientSasl | undefined>;
}

/** A reader on parts of a client's stream. */
export function saslReader(
  read: () => Promise<StreamPart | undefined>,
  write: (bytes: Uint8Array) => void,
  scope: Bindings,
): SaslReader {
  return {
    next: async () => {
      for (;;) {
        const part = await read();
        if (part === undefined || part.kind === 'footer') return undefined;
        if (part.kind !== 'element') continue;
        const sasl = tryRead(part.bytes, scope);
        if (sasl === 'unreadable') write(saslFailure('incorrect-encoding'));
        else if (sasl !== undefined) return sasl;
        else refuse(part, scope, write);
      }
    },
  };
}

function tryRead(bytes: Uint8Array, scope: Bindings): ClientSasl | 'unreadable' | undefined {
  try {
    const sasl = readSasl(bytes, scope);
    if (sasl?.kind === 'response') return { kind: 'response', payload: sasl.payload };
    return sasl?.kind === 'auth' || sasl?.kind === 'abort' ? sasl : undefined;
  } catch (error) {
    if (error instanceof SimppError && error.code === 'malformed-message') return 'unreadable';
    throw error;
  }
}

/** Answers anything else as a server does; throws when that ends the stream. */
function refuse(part: StreamPart, scope: Bindings, write: (bytes: Uint8Array) => void): void {
  const effects = refusalOf(new Arrival('client', part, scope));
  // RFC 6120 §4.9.3.12: stanzas before the login.
  if (effects === undefined) throw new SimppError('sasl-failed', 'The client must log in before anything else.');
  for (const effect of effects) {
    if (effect.kind === 'reply') write(effect.bytes);
    if (effect.kind === 'end' && effect.end.kind === 'refused') throw effect.end.error;
  }
}
