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
  | { readonly kind: 'response'; readonly payload: Uint8Array | undefined }
  /** What is no step of a login, the failure that answers it, and the error of a stream that ends with that. */
  | { readonly kind: 'refused'; readonly answer: Uint8Array; readonly end?: SimppError | undefined };

export interface SaslReader {
  /** The next SASL element; undefined when the client closed. Throws SimppError for what ends the stream. */
  next(): Promise<ClientSasl | undefined>;
}

/** A reader on parts of a client's stream. */
export function saslReader(read: () => Promise<StreamPart | undefined>, scope: Bindings): SaslReader {
  return {
    next: async () => {
      for (;;) {
        const part = await read();
        if (part === undefined || part.kind === 'footer') return undefined;
        if (part.kind === 'element') return readElement(part.bytes, scope) ?? refused(part, scope);
      }
    },
  };
}

function readElement(bytes: Uint8Array, scope: Bindings): ClientSasl | undefined {
  try {
    const sasl = readSasl(bytes, scope);
    if (sasl?.kind === 'response') return { kind: 'response', payload: sasl.payload };
    return sasl?.kind === 'auth' || sasl?.kind === 'abort' ? sasl : undefined;
  } catch (error) {
    if (!(error instanceof SimppError) || error.code !== 'malformed-message') throw error;
    return { kind: 'refused', answer: saslFailure('incorrect-encoding') };
  }
}

/** Anything else, answered as a server does; throws when it ends the stream without a failure. */
function refused(part: StreamPart, scope: Bindings): ClientSasl {
  const effects = refusalOf(new Arrival('client', part, scope));
  // RFC 6120 §4.9.3.12: stanzas before the login.
  if (effects === undefined) throw new SimppError('sasl-failed', 'The client must log in before anything else.');
  const answer = effects.find((effect) => effect.kind === 'reply')?.bytes;
  const last = effects.find((effect) => effect.kind === 'end')?.end;
  const end = last?.kind === 'refused' ? last.error : undefined;
  if (answer === undefined) throw end ?? new SimppError('internal', 'a refusal says nothing');
  return { kind: 'refused', answer, end };
}
