// What a request and its answer have in common (RFC 6120 §8.2.3): the id, and
// who was asked. An answer proves that the server had the request, sooner than
// an acknowledgement does.
import type { Arrival } from './arrival.ts';

/** The key of a client's request; undefined for any other stanza. */
export function requestKey(arrival: Arrival, account: string): string | undefined {
  return key(arrival, ['get', 'set'], 'to', account);
}

/** The key of the request that a server's stanza answers; undefined when it answers none. */
export function answerKey(arrival: Arrival, account: string): string | undefined {
  return key(arrival, ['result', 'error'], 'from', account);
}

function key(arrival: Arrival, types: readonly string[], other: 'to' | 'from', account: string): string | undefined {
  if (arrival.local !== 'iq' || !types.includes(arrival.attribute('type') ?? '')) return undefined;
  const id = arrival.attribute('id');
  // RFC 6120 §10.3.3: without an address it is the account itself.
  return id === undefined ? undefined : `${arrival.attribute(other) ?? account} ${id}`;
}
