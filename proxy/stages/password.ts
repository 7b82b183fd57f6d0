// An in-band change of the account's password (XEP-0077 §3.3): once the server
// has confirmed it, the stored one follows before the client sees the result
// (transparency.md §3.9). A registration with somebody else (`to` a gateway to
// another network, or another client) has the same form and is none of it.
import { ns } from '../../shared/xmpp/namespaces.ts';
import { readRegistration } from '../../shared/xmpp/registration.ts';
import type { Arrival } from './arrival.ts';
import { isOwnServer } from './own-server.ts';
import { onward, type Stage } from './stage.ts';

export type PasswordState =
  { readonly kind: 'idle' } | { readonly kind: 'asked'; readonly id: string; readonly password: string };

/** Whose password is stored. */
export interface PasswordOwner {
  /** Bare JID, prepared. */
  readonly account: string;
  readonly domain: string;
  /** An address as a client wrote it, bare and prepared; undefined when it is none. */
  readonly prepare: (jid: string) => string | undefined;
}

const idle: PasswordState = { kind: 'idle' };

export function passwordStage(owner: PasswordOwner): Stage<PasswordState> {
  return {
    initial: idle,
    step: (state, arrival) => {
      if (!arrival.is(ns.client, 'iq')) return { state, effects: onward };
      if (arrival.from === 'client') return { state: asked(state, arrival, owner), effects: onward };
      if (state.kind === 'idle' || arrival.attribute('id') !== state.id) return { state, effects: onward };
      // An id proves nothing: anybody may send an answer with it, another client of this account too.
      if (!isOwnServer(arrival.attribute('from'), [owner.domain, owner.account])) return { state, effects: onward };
      const type = arrival.attribute('type');
      if (type === 'error') return { state: idle, effects: onward };
      if (type !== 'result') return { state, effects: onward };
      const { password } = state;
      return { state: idle, effects: [{ kind: 'job', job: { kind: 'keep-password', password } }, ...onward] };
    },
  };
}

function asked(state: PasswordState, arrival: Arrival, owner: PasswordOwner): PasswordState {
  if (arrival.attribute('type') !== 'set') return state;
  const id = arrival.attribute('id');
  const request = readRegistration(arrival.part.bytes, arrival.scope);
  if (id === undefined || request?.kind !== 'set') return state;
  const { username, password } = request;
  if (username === undefined || password === undefined || password === '') return state;
  if (owner.prepare(`${username}@${owner.domain}`) !== owner.account) return state;
  if (!isOwnServer(arrival.attribute('to'), [owner.domain, owner.account])) return state;
  return { kind: 'asked', id, password };
}
