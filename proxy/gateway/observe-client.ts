// What the observer makes of a client's elements. Before the JID is known only
// what is understood passes: STARTTLS, compression, SASL2 and whatever comes
// next would hide the login, and with it the JID, from the gateway.

import { utf8 } from '../../shared/bytes.ts';
import { SimppError } from '../../shared/errors.ts';
import { element } from '../../shared/xml/write.ts';
import { bareJid } from '../../shared/xmpp/jid.ts';
import { ns } from '../../shared/xmpp/namespaces.ts';
import { readLegacyLogin, readRegistration, type LegacyLogin } from '../../shared/xmpp/registration.ts';
import { readSasl, type SaslElement } from '../../shared/xmpp/sasl.ts';
import { readBindRequest, stanzaHead } from '../../shared/xmpp/stanza.ts';
import { saslFailure, stanzaError } from '../../shared/xmpp/stream-error.ts';
import { pass, passAndAwait, type Observation, type ObserverRules, type ObserverState } from './observer-state.ts';
import { jidOfName, withNames, type SaslLogin } from './sasl-account.ts';

const maxRemovals = 4;
const tooManyFailures = 'Too many logins have failed; try again later.';
const abort = utf8(element('abort', { xmlns: ns.sasl }));

/** Looks at one element of the client. */
export function observeClientElement(rules: ObserverRules, state: ObserverState, bytes: Uint8Array): Observation {
  if (state.stage === 'identified') return afterLogin(rules, state, bytes);
  const { namespace, local } = stanzaHead(bytes, state.clientScope);
  switch (namespace) {
    case ns.sasl:
      return onSasl(rules, state, bytes, readSasl(bytes, state.clientScope));
    case ns.sm2:
    case ns.sm3:
      return local === 'resume' ? passAndAwait(state, bytes, { kind: 'resume' }) : pass(state, bytes);
    case ns.client:
      return local === 'iq' ? onIq(rules, state, bytes) : pass(state, bytes);
    default:
      throw new SimppError('unexpected-element', `<${local}/> is not available here before the login is complete.`);
  }
}

function onSasl(
  rules: ObserverRules,
  state: ObserverState,
  bytes: Uint8Array,
  sasl: SaslElement | undefined,
): Observation {
  switch (sasl?.kind) {
    case 'auth': {
      const asked: SaslLogin = { mechanism: sasl.mechanism };
      const login = sasl.payload === undefined ? asked : withNames(asked, sasl.payload);
      if (!mayLogIn(rules, login)) {
        return { state, effects: [{ kind: 'answer', bytes: saslFailure('temporary-auth-failure', tooManyFailures) }] };
      }
      return passAndAwait({ ...state, login }, bytes, { kind: 'sasl' });
    }
    case 'response': {
      const { login } = state;
      const isFirstMessage = login !== undefined && login.authcid === undefined && sasl.payload !== undefined;
      if (!isFirstMessage) return passAndAwait(state, bytes, { kind: 'sasl' });
      const named = withNames(login, sasl.payload);
      // The server has begun an exchange: it is aborted there, and the client hears of that.
      return passAndAwait({ ...state, login: named }, mayLogIn(rules, named) ? bytes : abort, { kind: 'sasl' });
    }
    default:
      return pass(state, bytes);
  }
}

function mayLogIn(rules: ObserverRules, login: SaslLogin): boolean {
  return rules.mayLogIn(jidOfName(login.authcid, rules.domain));
}

function onIq(rules: ObserverRules, state: ObserverState, bytes: Uint8Array): Observation {
  const scope = state.clientScope;
  const legacy = readLegacyLogin(bytes, scope);
  if (legacy !== undefined) return onLegacyLogin(rules, state, bytes, legacy);
  const bind = readBindRequest(bytes, scope);
  if (bind !== undefined) return passAndAwait(state, bytes, { kind: 'bind', id: bind.id });
  const isRegistration = state.stage === 'before-login' && readRegistration(bytes, scope) !== undefined;
  if (isRegistration && !rules.allowRegistration) {
    return answerError(state, bytes, 'cancel', 'not-allowed', 'Accounts cannot be registered through this gateway.');
  }
  // One request at a time: else the answer to a harmless one could pass for the answer to a login with the same id.
  const { id, type } = stanzaHead(bytes, scope);
  return type === 'get' || type === 'set' ? passAndAwait(state, bytes, { kind: 'other-iq', id }) : pass(state, bytes);
}

function onLegacyLogin(
  rules: ObserverRules,
  state: ObserverState,
  bytes: Uint8Array,
  { username }: LegacyLogin,
): Observation {
  if (!rules.mayLogIn(jidOfName(username, rules.domain))) {
    return answerError(state, bytes, 'wait', 'resource-constraint', tooManyFailures);
  }
  return passAndAwait(state, bytes, { kind: 'legacy', id: stanzaHead(bytes, state.clientScope).id, username });
}

function answerError(
  state: ObserverState,
  bytes: Uint8Array,
  type: 'cancel' | 'wait',
  condition: string,
  text: string,
): Observation {
  const error = stanzaError(bytes, state.clientScope, { type, condition, text });
  return { state, effects: error === undefined ? [] : [{ kind: 'answer', bytes: error }] };
}

/** After the login only the deletion of the account is of interest (XEP-0077 §3.2). */
function afterLogin(rules: ObserverRules, state: ObserverState, bytes: Uint8Array): Observation {
  if (!mentions(bytes, ns.register)) return pass(state, bytes);
  const scope = state.clientScope;
  if (readRegistration(bytes, scope)?.kind !== 'remove') return pass(state, bytes);
  const { id, to } = stanzaHead(bytes, scope);
  // Components take registrations too: only one's own server deletes the account.
  if (id === undefined || (to !== undefined && !isOwnServer(to, rules.domain, state.jid))) return pass(state, bytes);
  return pass({ ...state, removals: [...state.removals, id].slice(-maxRemovals) }, bytes);
}

function isOwnServer(to: string, domain: string, jid: string | undefined): boolean {
  try {
    const bare = bareJid(to);
    return bare === domain || bare === jid;
  } catch {
    return false;
  }
}

/** Whether a namespace is written in an element; spares nearly all stanzas a closer look. */
function mentions(bytes: Uint8Array, namespace: string): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(namespace);
}
