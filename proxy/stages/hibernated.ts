// A session that a client has left and may want to resume, of which the server
// knows less than the proxy: its id and counts as the client has them, or, once
// the server has said so and forgotten it, what it had handled.
import type { SmNamespace } from '../../shared/xmpp/stream-management.ts';

export interface Hibernated {
  /** Whose it is. */
  readonly account: string;
  /** Of the server's leg. */
  readonly namespace: SmNamespace;
  /** The server's id. */
  readonly previd: string;
  /** How many stanzas the server has counted that the client has not: sent to the server, and to the client. */
  readonly up: number;
  readonly down: number;
  /** The count of the session's end, which the server says but once: it has said it to the proxy. */
  readonly handled?: number;
  /** For how long the server keeps it. */
  readonly maxMs: number;
}

/** How ids begin that only this proxy can translate, after a restart as well. */
export const ownIdPrefix = 'simpp-';
