// A session that a client has left and may resume, where the server knows it by
// another id and other counts than the client.
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
  /** For how long the server keeps it. */
  readonly maxMs: number;
}

/** How ids begin that only this proxy can translate, after a restart as well. */
export const ownIdPrefix = 'simpp-';
