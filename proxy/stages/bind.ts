// Waits for the moment at which the server says who the client is: the bind
// result (RFC 6120 §7), the result of a XEP-0078 login, or <resumed/> of
// XEP-0198. A guest is then enrolled, and the result is held back until that is
// over (docs/protocol.md §6.2; transparency.md §2). ANONYMOUS is never enrolled.
import { ns } from '../../shared/xmpp/namespaces.ts';
import { readLegacyLogin, readWholeLegacyLogin } from '../../shared/xmpp/registration.ts';
import { childrenOf, readBindResult } from '../../shared/xmpp/stanza.ts';
import { stanzaError } from '../../shared/xmpp/stream-error.ts';
import type { Arrival } from './arrival.ts';
import { isOwnServer } from './own-server.ts';
import { onward, type Effect, type Stage, type Step } from './stage.ts';

export type BindState =
  | {
      readonly kind: 'nameless';
      /** A SASL login that passed through has succeeded: XEP-0078 is over with it. */
      readonly authenticated: boolean;
      readonly anonymous: boolean;
      /** A XEP-0078 login whose result is due. */
      readonly legacy?: { readonly id: string; readonly jid: string } | undefined;
    }
  | { readonly kind: 'established' };

export interface BindRules {
  readonly domain: string;
  /** The login itself passes through here; false where it ended at the proxy. */
  readonly relaysLogin: boolean;
  /** The channel was opened as a guest and can be enrolled. */
  readonly canEnrol: boolean;
}

type Nameless = Extract<BindState, { kind: 'nameless' }>;

export function bindStage(rules: BindRules): Stage<BindState> {
  return {
    initial: { kind: 'nameless', authenticated: !rules.relaysLogin, anonymous: false },
    step: (state, arrival) => {
      if (state.kind === 'established') return { state, effects: onward };
      return arrival.from === 'client' ? asked(state, arrival, rules.domain) : answered(state, arrival, rules);
    },
  };
}

function asked(state: Nameless, arrival: Arrival, domain: string): Step<BindState> {
  if (arrival.is(ns.sasl, 'auth')) {
    return { state: { ...state, anonymous: arrival.attribute('mechanism') === 'ANONYMOUS' }, effects: onward };
  }
  if (!arrival.is(ns.client, 'iq')) return { state, effects: onward };
  const refusal = refusalOfCrowd(arrival);
  if (refusal !== undefined) return { state, effects: refusal };
  const legacy = state.authenticated ? undefined : legacyLogin(arrival, domain);
  return { state: legacy === undefined ? state : { ...state, anonymous: false, legacy }, effects: onward };
}

/**
 * A request has one child (RFC 6120 §8.2.3). Of one with more, servers differ in which they obey, so what
 * its answer means would be a guess: it gets the answer of a server that refuses it.
 */
function refusalOfCrowd(arrival: Arrival): readonly Effect[] | undefined {
  const type = arrival.attribute('type');
  const { bytes } = arrival.part;
  if ((type !== 'get' && type !== 'set') || childrenOf(bytes, arrival.scope).length === 1) return undefined;
  const text = 'A request has exactly one child element.';
  const error = stanzaError(bytes, arrival.scope, { type: 'modify', condition: 'bad-request', text });
  return error === undefined ? [] : [{ kind: 'reply', bytes: error }];
}

/** A login with all that one needs: the result of anything less says nothing about who the client is. */
function legacyLogin(arrival: Arrival, domain: string): Nameless['legacy'] {
  const { bytes } = arrival.part;
  const login = readWholeLegacyLogin(bytes, arrival.scope);
  if (login === undefined || !isOwnServer(arrival.attribute('to'), [domain])) return undefined;
  const resource = readLegacyLogin(bytes, arrival.scope)?.resource;
  return { id: login.id, jid: `${login.username}@${domain}/${resource}` };
}

function answered(state: Nameless, arrival: Arrival, rules: BindRules): Step<BindState> {
  if (arrival.is(ns.sm3, 'resumed') || arrival.is(ns.sm2, 'resumed')) return established([]);
  if (arrival.is(ns.sasl, 'success')) {
    return { state: { ...state, authenticated: true, legacy: undefined }, effects: onward };
  }
  if (!arrival.is(ns.client, 'iq')) return { state, effects: onward };
  const { legacy } = state;
  const type = arrival.attribute('type');
  if (type !== 'result' && type !== 'error') return { state, effects: onward };
  const isLegacyAnswer = legacy !== undefined && legacy.id === arrival.attribute('id');
  const rest: BindState = isLegacyAnswer ? { ...state, legacy: undefined } : state;
  if (type === 'error') return { state: rest, effects: onward };
  const { bytes } = arrival.part;
  // XEP-0078 §3.1: success is an empty result; one with content is the form, and nobody is logged in.
  const byLegacy = isLegacyAnswer && childrenOf(bytes, arrival.scope).length === 0 ? legacy.jid : undefined;
  const jid = readBindResult(bytes, arrival.scope) ?? byLegacy;
  return jid === undefined ? { state: rest, effects: onward } : named(jid, rules, state.anonymous);
}

function named(jid: string, { canEnrol }: BindRules, isAnonymous: boolean): Step<BindState> {
  const enrolling: Effect[] = canEnrol && !isAnonymous ? [{ kind: 'job', job: { kind: 'enrol', jid } }] : [];
  return established(
    [...enrolling, { kind: 'signal', to: 'client', signal: { kind: 'bound', jid, isAnonymous } }],
    jid,
  );
}

function established(effects: readonly Effect[], jid?: string): Step<BindState> {
  const note: Effect = { kind: 'note', note: { kind: 'established', ...(jid === undefined ? {} : { jid }) } };
  return { state: { kind: 'established' }, effects: [note, ...effects, ...onward] };
}
