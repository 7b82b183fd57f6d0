// A domain's logins are relayed, but an account with a set-up of its own is
// ended here (transparency.md §1): the login's first message names it. Only
// mechanisms that the proxy can answer as a server are taken; others go on.
import { SimppError } from '../../shared/errors.ts';
import { ns } from '../../shared/xmpp/namespaces.ts';
import { readSasl } from '../../shared/xmpp/sasl.ts';
import { loginName } from './login-name.ts';
import type { Arrival } from './arrival.ts';
import { onward, type Stage } from './stage.ts';

export type TakeoverState =
  | { readonly kind: 'watching' }
  /** `<auth/>` came without its first message: the next response is it. */
  | { readonly kind: 'unnamed'; readonly mechanism: string };

const watching: TakeoverState = { kind: 'watching' };

/** `isOurs` says whether a login name belongs to an account that is ended here. */
export function takeoverStage(isOurs: (loginName: string) => boolean): Stage<TakeoverState> {
  return {
    initial: watching,
    step: (state, arrival) => {
      const first = firstMessage(state, arrival);
      if (first === undefined) return { state, effects: onward };
      const { mechanism, response } = first;
      if (response === undefined) return { state: { kind: 'unnamed', mechanism }, effects: onward };
      const name = loginName(mechanism, response);
      if (name === undefined || !isOurs(name)) return { state: watching, effects: onward };
      return { state: watching, effects: [{ kind: 'end', end: { kind: 'taken-over', mechanism, response } }] };
    },
  };
}

interface FirstMessage {
  readonly mechanism: string;
  readonly response: Uint8Array | undefined;
}

function firstMessage(state: TakeoverState, arrival: Arrival): FirstMessage | undefined {
  const isFirst = arrival.is(ns.sasl, 'auth') || (state.kind === 'unnamed' && arrival.is(ns.sasl, 'response'));
  if (arrival.from !== 'client' || !isFirst) return undefined;
  try {
    const sasl = readSasl(arrival.part.bytes, arrival.scope);
    if (sasl?.kind === 'auth') return { mechanism: sasl.mechanism, response: sasl.payload };
    if (sasl?.kind === 'response' && state.kind === 'unnamed') {
      return { mechanism: state.mechanism, response: sasl.payload ?? new Uint8Array(0) };
    }
  } catch (error) {
    // What is no base64 is the server's to refuse.
    if (!(error instanceof SimppError)) throw error;
  }
  return undefined;
}
