// What the end-to-end stage of a stream leaves to the one of the stream that
// resumes its session (XEP-0198 §5). Client and server count differently by
// what was added and swallowed, and what passed a waiting stanza is there
// already: with the ledgers, their counts are said in each other's terms.
import { handledSince } from '../../shared/xmpp/stream-management.ts';
import type { Ledger } from './ledger.ts';
import type { OwnRequests } from './own-requests.ts';

/** Where the counts of client and server begin in a ledger. */
export interface Beginning {
  readonly client: number;
  readonly server: number;
}

export interface Translation {
  readonly jid: string;
  readonly requests: OwnRequests;
  readonly up: Ledger;
  readonly upFrom: Beginning;
  readonly down: Ledger;
  readonly downFrom: Beginning;
  /** For how long it may be of use. */
  readonly maxMs: number;
}

/** How one direction goes on. */
export interface Continued {
  /** The count in the terms of the other side. */
  readonly h: number;
  /** Of what is now sent again, counted from 0: how many of its stanzas have arrived. */
  readonly had: ReadonlyMap<number, number>;
  /** Stanzas of the stage's own that have not. */
  readonly kept: readonly Uint8Array[];
}

/** What the client's `h` means to the server; undefined when it is no count of what was sent to it. */
export function toServersCount({ down, downFrom }: Translation, h: number): Continued | undefined {
  return continued(down, downFrom.server, handledSince(down.confirmed - downFrom.client, h));
}

/** What the server's `h` means to the client; undefined likewise. */
export function toClientsCount({ up, upFrom }: Translation, h: number): Continued | undefined {
  return continued(up, upFrom.client, handledSince(up.confirmed - upFrom.server, h));
}

function continued(ledger: Ledger, from: number, further: number): Continued | undefined {
  const outlook = ledger.outlook(further);
  if (outlook === undefined) return undefined;
  // What came before the counts began is not sent again.
  const first = Math.max(outlook.settled, from);
  const had = new Map<number, number>();
  for (const [number, count] of outlook.had) if (number >= first) had.set(number - first, count);
  return { h: first - from, had, kept: outlook.kept };
}
