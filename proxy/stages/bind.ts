// Waits for the moment at which the server says who the client is: the bind
// result (RFC 6120 §7), the result of a XEP-0078 login, or <resumed/> of
// XEP-0198. A guest is then enrolled, and the result is held back until that is
// over (docs/protocol.md §6.2; transparency.md §2). ANONYMOUS is never enrolled.
import { ns } from '../../shared/xmpp/namespaces.ts';
import { readLegacyLogin } from '../../shared/xmpp/registration.ts';
import { readBindResult } from '../../shared/xmpp/stanza.ts';
import type { Arrival } from './arrival.ts';
import { onward, type Effect, type Stage, type Step } from './stage.ts';

export type BindState =
  | {
      readonly kind: 'nameless';
      readonly anonymous: boolean;
      /** A XEP-0078 login whose result is due. */
      readonly legacy?: { readonly id: string | undefined; readonly jid: string };
    }
  | { readonly kind: 'established' };

export interface BindRules {
  readonly domain: string;
  /** The channel was opened as a guest and can be enrolled. */
  readonly canEnrol: boolean;
}

type Nameless = Extract<BindState, { kind: 'nameless' }>;

export function bindStage(rules: BindRules): Stage<BindState> {
  return {
    initial: { kind: 'nameless', anonymous: false },
    step: (state, arrival) => {
      if (state.kind === 'established') return { state, effects: onward };
      return arrival.from === 'client'
        ? { state: asked(state, arrival, rules.domain), effects: onward }
        : answered(state, arrival, rules);
    },
  };
}

function asked(state: Nameless, arrival: Arrival, domain: string): BindState {
  if (arrival.is(ns.sasl, 'auth')) return { ...state, anonymous: arrival.attribute('mechanism') === 'ANONYMOUS' };
  const login = arrival.is(ns.client, 'iq') ? readLegacyLogin(arrival.part.bytes, arrival.scope) : undefined;
  if (login?.username === undefined || login.resource === undefined) return state;
  const jid = `${login.username}@${domain}/${login.resource}`;
  return { ...state, anonymous: false, legacy: { id: arrival.attribute('id'), jid } };
}

function answered(state: Nameless, arrival: Arrival, rules: BindRules): Step<BindState> {
  if (arrival.is(ns.sm3, 'resumed') || arrival.is(ns.sm2, 'resumed')) return established(undefined, false);
  if (!arrival.is(ns.client, 'iq') || arrival.attribute('type') !== 'result') return { state, effects: onward };
  const { legacy } = state;
  const byLegacy = legacy !== undefined && legacy.id === arrival.attribute('id') ? legacy.jid : undefined;
  const jid = readBindResult(arrival.part.bytes, arrival.scope) ?? byLegacy;
  return jid === undefined ? { state, effects: onward } : established(jid, rules.canEnrol && !state.anonymous);
}

function established(jid: string | undefined, enrols: boolean): Step<BindState> {
  const effects: Effect[] = [{ kind: 'note', note: { kind: 'established', ...(jid === undefined ? {} : { jid }) } }];
  if (enrols && jid !== undefined) effects.push({ kind: 'job', job: { kind: 'enrol', jid } });
  return { state: { kind: 'established' }, effects: [...effects, ...onward] };
}
