// What became of messages between two people, by the books of their clients and
// by what the server has archived, as each reads it through the own proxy.
import { archivedResults, archiveText } from '../support/archive.ts';
import { eventually } from '../support/eventually.ts';
import type { ManagedClient } from '../support/managed-client.ts';
import type { Login } from '../support/proxy-side.ts';

/** One person: the client that stays, and where another one of theirs could log in. */
export interface Talker {
  readonly client: ManagedClient;
  readonly login: Login;
}

export interface Books {
  /** Neither received, nor in the receiver's archive, nor returned to the sender. */
  readonly lost: readonly string[];
  /** Received more than once, although the sender's client has not sent it twice. */
  readonly doubled: readonly string[];
  /** Shown as something else than was written, live or from the archive. */
  readonly unreadable: readonly string[];
  readonly faults: readonly string[];
}

export const allWell: Books = { lost: [], doubled: [], unreadable: [], faults: [] };

const settleMs = 3_000;

/** The books of what one wrote to the other; each message says its id. */
export async function booksOf(from: Talker, to: Talker, ids: readonly string[]): Promise<Books> {
  const isHere = (id: string): boolean => to.client.bodies.has(id) || from.client.bounced.includes(id);
  // What waited for a session that the crash has ended is in the archive, which clients read.
  await eventually('every message', () => ids.every(isHere), settleMs).catch(() => undefined);
  const archived = ids.every(isHere) ? new Map<string, string>() : bodiesIn(await archiveText(to.login));
  const times = Map.groupBy(to.client.received, (id) => id);
  const { repeated } = from.client;
  const isMisread = (id: string): boolean =>
    [to.client.bodies.get(id), archived.get(id)].some((body) => body !== undefined && body !== id);
  return {
    lost: ids.filter((id) => !isHere(id) && !archived.has(id)),
    doubled: ids.filter((id) => (times.get(id)?.length ?? 0) > 1 && !repeated.has(id)),
    unreadable: ids.filter(isMisread),
    faults: [...from.client.faults, ...to.client.faults],
  };
}

/** By id, as the archive was shown; a message that came twice is there twice, and read alike. */
function bodiesIn(text: string): ReadonlyMap<string, string> {
  const bodies = new Map<string, string>();
  for (const result of archivedResults(text)) {
    const id = /<message [^>]*?\bid=['"]([^'"]+)['"]/.exec(result)?.[1];
    const body = /<body(?: [^>]*)?>([^<]*)/.exec(result)?.[1];
    if (id === undefined || body === undefined) continue;
    if (bodies.get(id) === undefined || bodies.get(id) === id) bodies.set(id, body);
  }
  return bodies;
}
