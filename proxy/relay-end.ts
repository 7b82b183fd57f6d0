// The ways in which a relay ends.
import type { SimppError } from '../shared/errors.ts';
import type { StreamErrorReceived } from './server/received-error.ts';

/** The leg that something comes from, or goes to. */
export type Side = 'client' | 'server';

/** How a relay ended. */
export type RelayEnd =
  /** Both sides closed their streams, or one did and the other had its time. */
  | { readonly kind: 'closed' }
  /** A connection ended without a close. */
  | { readonly kind: 'vanished'; readonly side: Side; readonly error: SimppError | undefined }
  /** The server's connection was lost, and so was the session that should have gone on over another one. */
  | { readonly kind: 'unresumed'; readonly error: SimppError }
  /** A side broke the rules of XML or XMPP, or a limit. */
  | { readonly kind: 'failed'; readonly side: Side; readonly error: SimppError }
  /** The server sends the client to another host. */
  | { readonly kind: 'redirected'; readonly error: StreamErrorReceived }
  /** The proxy itself ended it. */
  | { readonly kind: 'stopped'; readonly error: SimppError }
  /** The account that the client named has a set-up of its own: its login ends here. */
  | { readonly kind: 'taken-over'; readonly mechanism: string; readonly response: Uint8Array };
