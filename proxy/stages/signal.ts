// What the two ends of the row say to each other. A signal travels the row like
// a stanza, in order with the stanzas, so that a stage between them that adds or
// swallows stanzas can change the counts that pass it. Stages that do not
// listen are left out.
import type { SimppError } from '../../shared/errors.ts';
import type { RelayEnd } from '../relay-end.ts';
import type { News } from './errand.ts';

export type Signal =
  /** The side that it comes from wants to know what has been confirmed. */
  | { readonly kind: 'asked' }
  /** The side that it comes from has this many further stanzas for good: the oldest that are not confirmed yet. */
  | { readonly kind: 'confirmed'; readonly count: number }
  /** What was sent to the client up to this stanza has been taken by its connection, or has not yet. */
  | { readonly kind: 'flushed'; readonly upTo: number; readonly isDone: boolean }
  /** The time is up for which the stage wanted to be woken. */
  | { readonly kind: 'woke' }
  /** The server goes on with the session on a new connection, having handled this many stanzas (modulo 2^32). */
  | { readonly kind: 'resumed'; readonly h: number }
  /** The session is lost; what the server says that it had handled, if it does. */
  | { readonly kind: 'unresumed'; readonly h: number | undefined; readonly error: SimppError }
  /** The server has said who the client is; what it said comes next. */
  | { readonly kind: 'bound'; readonly jid: string; readonly isAnonymous: boolean }
  /** The engine says something to the stage whose errands it runs. */
  | { readonly kind: 'news'; readonly news: News }
  /** The relay is about to end because of this side. At the other end of the row it does. */
  | { readonly kind: 'ending'; readonly end: RelayEnd };
