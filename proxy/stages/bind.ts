// Waits for the moment at which the server says who the client is: the bind
// result (RFC 6120 §7), the result of a XEP-0078 login, or <resumed/> of
// XEP-0198. A guest is then enrolled, and the result is held back until that is
// over (docs/protocol.md §6.2; transparency.md §2). ANONYMOUS is never enrolled.
import { ns } from '../../shared/xmpp/namespaces.ts';
import { readLegacyLogin } from '../../shared/xmpp/registration.ts';
import { readBindResult } from '../../shared/xmpp/stanza.ts';
import { onward, type Arrival, type Effect, type Stage, type Step } from './stage.ts';

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

const iqName = `{${ns.client}}iq`;

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

function asked(state: Nameless, { name, part, scope, tag }: Arrival, domain: string): BindState {
  if (name === `{${ns.sasl}}auth`) return { ...state, anonymous: tag?.attributes.get('mechanism') === 'ANONYMOUS' };
  const login = name === iqName ? readLegacyLogin(part.bytes, scope) : undefined;
  if (login?.username === undefined || login.resource === undefined) return state;
  const jid = `${login.username}@${domain}/${login.resource}`;
  return { ...state, anonymous: false, legacy: { id: tag?.attributes.get('id'), jid } };
}

function answered(state: Nameless, arrival: Arrival, rules: BindRules): Step<BindState> {
  const { name, part, scope, tag } = arrival;
  if (name === `{${ns.sm3}}resumed` || name === `{${ns.sm2}}resumed`) return established(undefined, false);
  if (name !== iqName || tag?.attributes.get('type') !== 'result') return { state, effects: onward };
  const { legacy } = state;
  const byLegacy = legacy !== undefined && legacy.id === tag.attributes.get('id') ? legacy.jid : undefined;
  const jid = readBindResult(part.bytes, scope) ?? byLegacy;
  return jid === undefined ? { state, effects: onward } : established(jid, rules.canEnrol && !state.anonymous);
}

function established(jid: string | undefined, enrols: boolean): Step<BindState> {
  const effects: Effect[] = [{ kind: 'note', note: { kind: 'established', ...(jid === undefined ? {} : { jid }) } }];
  if (enrols && jid !== undefined) effects.push({ kind: 'job', job: { kind: 'enrol', jid } });
  return { state: { kind: 'established' }, effects: [...effects, ...onward] };
}
