// A domain's logins are relayed, but an account with a set-up of its own is
// ended here (transparency.md §1): the login's first message names it. What
// would carry such an account past its set-up gets the answer of a server that
// does not have it: XEP-0078, and mechanisms that do not say who logs in. Where
// no account has a set-up of its own, every login passes.
import { SimppError } from '../../shared/errors.ts';
import { ns } from '../../shared/xmpp/namespaces.ts';
import { readSasl } from '../../shared/xmpp/sasl.ts';
import { childrenOf, iqPayload } from '../../shared/xmpp/stanza.ts';
import { saslFailure, stanzaError } from '../../shared/xmpp/stream-error.ts';
import { textOf } from '../../shared/xml/children.ts';
import type { Arrival } from './arrival.ts';
import { loginName, saysName } from './login-name.ts';
import { onward, type Effect, type Stage, type Step } from './stage.ts';

export type TakeoverState =
  | { readonly kind: 'watching' }
  /** `<auth/>` came without its first message: the next response is it. */
  | { readonly kind: 'unnamed'; readonly mechanism: string }
  /** A login has passed and succeeded. */
  | { readonly kind: 'over' };

export interface TakeoverRules {
  /** Whether any account of the domain is ended here. */
  readonly hasOurs: boolean;
  /** Whether a login name means one. */
  readonly isOurs: (loginName: string) => boolean;
}

const watching: TakeoverState = { kind: 'watching' };

export function takeoverStage(rules: TakeoverRules): Stage<TakeoverState> {
  return {
    initial: watching,
    step: (state, arrival) => {
      if (state.kind === 'over') return { state, effects: onward };
      if (arrival.from === 'server') {
        return { state: arrival.is(ns.sasl, 'success') ? { kind: 'over' } : state, effects: onward };
      }
      const refusal = rules.hasOurs ? (refusalOfMechanism(arrival) ?? refusalOfLegacy(arrival, rules)) : undefined;
      if (refusal !== undefined) return { state: watching, effects: refusal };
      return followed(state, arrival, rules);
    },
  };
}

function followed(state: TakeoverState, arrival: Arrival, rules: TakeoverRules): Step<TakeoverState> {
  const first = firstMessage(state, arrival);
  if (first === undefined) return { state, effects: onward };
  const { mechanism, response } = first;
  if (response === undefined) return { state: { kind: 'unnamed', mechanism }, effects: onward };
  const name = loginName(mechanism, response);
  if (name === undefined) return { state: watching, effects: onward };
  if (!rules.isOurs(name)) {
    return { state: watching, effects: [{ kind: 'note', note: { kind: 'login-named', name } }, ...onward] };
  }
  return { state: watching, effects: [{ kind: 'end', end: { kind: 'taken-over', mechanism, response } }] };
}

/** ANONYMOUS passes: it logs in as nobody. */
function refusalOfMechanism(arrival: Arrival): readonly Effect[] | undefined {
  if (!arrival.is(ns.sasl, 'auth')) return undefined;
  const mechanism = arrival.attribute('mechanism') ?? '';
  if (mechanism === 'ANONYMOUS' || saysName(mechanism)) return undefined;
  const text = 'This way to log in does not tell the proxy whose login it is.';
  return [{ kind: 'reply', bytes: saslFailure('invalid-mechanism', text) }];
}

/** XEP-0078 of an account of ours, in whichever place a server may look for its name. */
function refusalOfLegacy(arrival: Arrival, { isOurs }: TakeoverRules): readonly Effect[] | undefined {
  if (!arrival.is(ns.client, 'iq') || arrival.attribute('type') !== 'set') return undefined;
  const { bytes } = arrival.part;
  const query = iqPayload(bytes, arrival.scope, 'set', ns.legacyAuth, 'query');
  if (query === undefined) return undefined;
  const names = childrenOf(query.bytes, query.scope).filter(({ tag }) => tag.local === 'username');
  if (!names.some((name) => isOurs(textOf(name.bytes)))) return undefined;
  const text = 'This account logs in by SASL here.';
  const error = stanzaError(bytes, arrival.scope, { type: 'cancel', condition: 'not-allowed', text });
  return error === undefined ? [] : [{ kind: 'reply', bytes: error }];
}

interface FirstMessage {
  readonly mechanism: string;
  readonly response: Uint8Array | undefined;
}

function firstMessage(state: TakeoverState, arrival: Arrival): FirstMessage | undefined {
  if (!arrival.is(ns.sasl, 'auth') && !(state.kind === 'unnamed' && arrival.is(ns.sasl, 'response'))) return undefined;
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
