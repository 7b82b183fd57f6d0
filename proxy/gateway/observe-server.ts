// What the observer makes of a server's elements: the answers that end each
// step of a login, and the one that tells the JID.

import { SimppError } from '../../shared/errors.ts';
import { filterFeatures, isFeatures } from '../../shared/xmpp/features.ts';
import { bareJid } from '../../shared/xmpp/jid.ts';
import { ns } from '../../shared/xmpp/namespaces.ts';
import { readSasl, type SaslElement } from '../../shared/xmpp/sasl.ts';
import { childrenOf, readBindResult, stanzaHead, type StanzaHead } from '../../shared/xmpp/stanza.ts';
import { readStreamError } from '../server/received-error.ts';
import {
  pass,
  passAndRelease,
  type IdentifiedBy,
  type Observation,
  type ObserverRules,
  type ObserverState,
} from './observer-state.ts';
import { isOwnServer } from './own-server.ts';
import { mayBeStreamError, RedirectionRefused } from './redirection.ts';
import { jidOfLogin, jidOfName } from './sasl-account.ts';

/** SASL conditions that say nothing about the password. */
const harmlessConditions: ReadonlySet<string> = new Set([
  'aborted',
  'encryption-required',
  'invalid-mechanism',
  'mechanism-too-weak',
  'temporary-auth-failure',
]);

/** Looks at one element of the server. */
export function observeServerElement(rules: ObserverRules, state: ObserverState, bytes: Uint8Array): Observation {
  if (mayBeStreamError(bytes)) refuseRedirection(state, bytes);
  if (state.stage === 'identified') return afterLogin(rules, state, bytes);
  if (isFeatures(bytes, state.serverScope)) return pass(state, filterFeatures(bytes, state.serverScope));
  const head = stanzaHead(bytes, state.serverScope);
  switch (head.namespace) {
    case ns.sasl:
      return onSasl(rules, state, bytes, readSasl(bytes, state.serverScope));
    case ns.sm2:
    case ns.sm3:
      return onStreamManagement(rules, state, bytes, head);
    case ns.client:
      return head.local === 'iq' ? onIq(rules, state, bytes, head) : pass(state, bytes);
    case ns.streams:
      return passAndRelease(state, bytes);
    default:
      return pass(state, bytes);
  }
}

/** A client that followed a redirection would go past the gateway, perhaps in clear (docs/decisions/0007). */
function refuseRedirection(state: ObserverState, bytes: Uint8Array): void {
  if (readStreamError(bytes, state.serverScope)?.otherHost === undefined) return;
  throw new RedirectionRefused();
}

function onSasl(
  rules: ObserverRules,
  state: ObserverState,
  bytes: Uint8Array,
  sasl: SaslElement | undefined,
): Observation {
  if (state.awaited?.kind !== 'sasl') return pass(state, bytes);
  switch (sasl?.kind) {
    case 'success':
      return {
        state: { ...state, stage: 'authenticated', awaited: undefined },
        effects: [{ kind: 'login-cleared' }, { kind: 'forward', bytes }, { kind: 'restart' }, { kind: 'release' }],
      };
    case 'failure': {
      const passed = passAndRelease({ ...state, login: undefined }, bytes);
      if (harmlessConditions.has(sasl.condition)) {
        return { ...passed, effects: [{ kind: 'login-cleared' }, ...passed.effects] };
      }
      const account = jidOfName(state.login?.authcid, rules.domain);
      return { ...passed, effects: [{ kind: 'login-failed', account }, ...passed.effects] };
    }
    default:
      return passAndRelease(state, bytes);
  }
}

function onIq(rules: ObserverRules, state: ObserverState, bytes: Uint8Array, head: StanzaHead): Observation {
  const { awaited } = state;
  const isAnswer = head.type === 'result' || head.type === 'error';
  if (awaited === undefined || !('id' in awaited) || awaited.id !== head.id || !isAnswer) return pass(state, bytes);
  switch (awaited.kind) {
    case 'other-iq':
      return passAndRelease(state, bytes);
    case 'bind':
      return head.type === 'error'
        ? passAndRelease(state, bytes)
        : identified(state, bytes, 'bind', boundJid(rules, state, bytes, head));
    case 'legacy':
      return onLegacyAnswer(rules, state, bytes, head, awaited.account);
  }
}

function onLegacyAnswer(
  rules: ObserverRules,
  state: ObserverState,
  bytes: Uint8Array,
  { type, from }: StanzaHead,
  account: string | undefined,
): Observation {
  if (!isOwnServer(from, rules.domain, account)) return pass(state, bytes);
  if (type === 'error') {
    const passed = passAndRelease(state, bytes);
    return { ...passed, effects: [{ kind: 'login-failed', account }, ...passed.effects] };
  }
  // XEP-0078 §3.1: success is empty. A form means that nobody is logged in, anything else is not understood.
  if (childrenOf(bytes, state.serverScope).length > 0) {
    throw new SimppError('jid-mismatch', 'The server did not say that it has let the client in.');
  }
  const { state: next, effects } = identified(state, bytes, 'legacy', account);
  return { state: next, effects: [{ kind: 'login-cleared' }, ...effects] };
}

function boundJid(rules: ObserverRules, state: ObserverState, bytes: Uint8Array, { from }: StanzaHead): string {
  const isAlone = childrenOf(bytes, state.serverScope).length === 1;
  const full = isAlone ? readBindResult(bytes, state.serverScope) : undefined;
  const jid = full === undefined ? undefined : bareJid(full);
  const isFromServer = isOwnServer(from, rules.domain, jid) || from === full;
  if (jid === undefined || !isFromServer) {
    throw new SimppError('jid-mismatch', 'The server did not say which address it bound.');
  }
  return jid;
}

/** A resumed stream binds nothing anew: its JID is the one that logged in. */
function onStreamManagement(
  rules: ObserverRules,
  state: ObserverState,
  bytes: Uint8Array,
  { local }: StanzaHead,
): Observation {
  if (local === 'resumed' && state.stage !== 'authenticated') {
    throw new SimppError('unexpected-element', 'The server resumed a stream that nobody had logged in to.');
  }
  if (local === 'resumed') return identified(state, bytes, 'resumed', jidOfLogin(state.login, rules.domain));
  return state.awaited?.kind === 'resume' ? passAndRelease(state, bytes) : pass(state, bytes);
}

function identified(state: ObserverState, bytes: Uint8Array, by: IdentifiedBy, jid: string | undefined): Observation {
  const anonymous = state.login?.mechanism === 'ANONYMOUS';
  return {
    state: { ...state, stage: 'identified', awaited: undefined, jid },
    effects: [{ kind: 'identified', by, jid, anonymous, bytes }, { kind: 'release' }],
  };
}

/** XEP-0077 §3.2: the account is gone when the server says so, not when the client asks. */
function afterLogin(rules: ObserverRules, state: ObserverState, bytes: Uint8Array): Observation {
  if (state.removals.length === 0) return pass(state, bytes);
  const { namespace, local, id, type, from } = stanzaHead(bytes, state.serverScope);
  const isAnswer = namespace === ns.client && local === 'iq' && id !== undefined && state.removals.includes(id);
  const isFromServer = isOwnServer(from, rules.domain, state.jid);
  if (!isAnswer || !isFromServer || (type !== 'result' && type !== 'error')) return pass(state, bytes);
  const passed = pass({ ...state, removals: state.removals.filter((each) => each !== id) }, bytes);
  if (type === 'error' || state.jid === undefined) return passed;
  return { ...passed, effects: [{ kind: 'removed', jid: state.jid }, ...passed.effects] };
}
