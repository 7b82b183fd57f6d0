// A server may answer the header of a client with <see-other-host/> (RFC 6120
// §4.9.3.19). Until it is known that it does not, the client is shown nothing
// and is read no further: so the relay can begin anew elsewhere, and the client
// never knows (transparency.md §3.5). Later, where to is never told to it: it
// would go there by itself, past the proxy and without TLS.
import { ns } from '../../shared/xmpp/namespaces.ts';
import type { StreamPart } from '../../shared/xml/scanner.ts';
import { readStartTag } from '../../shared/xml/tag.ts';
import { readStreamError, type StreamErrorReceived } from '../server/received-error.ts';
import type { Arrival } from './arrival.ts';
import { onward, type Effect, type Stage, type Step } from './stage.ts';

export type RedirectState =
  | { readonly kind: 'idle' }
  /** The client's header has gone up. */
  | { readonly kind: 'asked' }
  /** The server's header has come; what follows it decides. */
  | { readonly kind: 'answered'; readonly header: StreamPart }
  | { readonly kind: 'over' };

const over: RedirectState = { kind: 'over' };
const release: Effect = { kind: 'release', side: 'client' };

export interface RedirectRules {
  /** The connection is ours to make, not a gateway's. */
  readonly canFollow: boolean;
}

export function redirectStage({ canFollow }: RedirectRules): Stage<RedirectState> {
  return {
    initial: canFollow ? { kind: 'idle' } : over,
    step: (state, arrival) => (arrival.from === 'client' ? asked(state, arrival) : answered(state, arrival)),
  };
}

function asked(state: RedirectState, { part }: Arrival): Step<RedirectState> {
  if (state.kind !== 'idle' || part.kind !== 'header') return { state, effects: onward };
  return { state: { kind: 'asked' }, effects: [...onward, { kind: 'hold', side: 'client' }] };
}

function answered(state: RedirectState, arrival: Arrival): Step<RedirectState> {
  const { part } = arrival;
  switch (state.kind) {
    case 'asked':
      if (part.kind !== 'header') return { state, effects: onward };
      // RFC 6120 §4.7.5: before XMPP 1.0 nothing follows until the client has spoken.
      if (!hasVersion(arrival)) return { state: over, effects: [...onward, release] };
      return { state: { kind: 'answered', header: part }, effects: [] };
    case 'answered': {
      if (part.kind === 'space') return { state, effects: [] };
      const error = redirection(arrival);
      if (error !== undefined) return { state: over, effects: [ended(error)] };
      return { state: over, effects: [{ kind: 'pass', part: state.header }, ...onward, release] };
    }
    case 'idle':
    case 'over': {
      const error = redirection(arrival);
      if (error === undefined) return { state, effects: onward };
      return { state, effects: [ended(error)] };
    }
  }
}

function ended(error: StreamErrorReceived): Effect {
  return { kind: 'end', end: { kind: 'redirected', error } };
}

function redirection(arrival: Arrival): StreamErrorReceived | undefined {
  if (!arrival.is(ns.streams, 'error')) return undefined;
  const error = readStreamError(arrival.part.bytes, arrival.scope);
  return error?.otherHost === undefined ? undefined : error;
}

function hasVersion({ part }: Arrival): boolean {
  return readStartTag(part.bytes).attributes.has('version');
}
