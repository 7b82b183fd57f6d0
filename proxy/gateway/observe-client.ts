// What the observer makes of a client's elements. Before the JID is known only
// what is understood passes: STARTTLS, compression, SASL2 and whatever comes
// next would hide the login, and with it the JID, from the gateway.

import { utf8 } from '../../shared/bytes.ts';
import { SimppError } from '../../shared/errors.ts';
import { namespaceOf } from '../../shared/xml/tag.ts';
import { element } from '../../shared/xml/write.ts';
import { ns } from '../../shared/xmpp/namespaces.ts';
import { readRegistration, readWholeLegacyLogin } from '../../shared/xmpp/registration.ts';
import { readSasl, type SaslElement } from '../../shared/xmpp/sasl.ts';
import { childrenOf, stanzaHead, type Child, type StanzaHead } from '../../shared/xmpp/stanza.ts';
import { saslFailure, stanzaError, type StanzaError } from '../../shared/xmpp/stream-error.ts';
import { pass, passAndAwait, type Observation, type ObserverRules, type ObserverState } from './observer-state.ts';
import { isOwnServer } from './own-server.ts';
import { jidOfName, withNames, type SaslLogin } from './sasl-account.ts';

const maxRemovals = 4;
const tooManyFailures = 'Too many logins have failed; try again later.';
const abort = utf8(element('abort', { xmlns: ns.sasl }));

/** Looks at one element of the client. */
export function observeClientElement(rules: ObserverRules, state: ObserverState, bytes: Uint8Array): Observation {
  if (state.stage === 'identified') return afterLogin(rules, state, bytes);
  const head = stanzaHead(bytes, state.clientScope);
  switch (head.namespace) {
    case ns.sasl:
      return onSasl(rules, state, bytes, readSasl(bytes, state.clientScope));
    case ns.sm2:
    case ns.sm3:
      return head.local === 'resume' ? passAndAwait(state, bytes, { kind: 'resume' }) : pass(state, bytes);
    case ns.client:
      return head.local === 'iq' ? onIq(rules, state, bytes, head) : pass(state, bytes);
    default:
      throw tooEarly(head.local);
  }
}

function tooEarly(local: string): SimppError {
  return new SimppError('unexpected-element', `<${local}/> is not available here before the login is complete.`);
}

function onSasl(
  rules: ObserverRules,
  state: ObserverState,
  bytes: Uint8Array,
  sasl: SaslElement | undefined,
): Observation {
  // Another name after the one that got in would be taken for the one that got in.
  if (state.stage !== 'before-login') {
    throw new SimppError('unexpected-element', 'SASL is over: this stream is authenticated.');
  }
  switch (sasl?.kind) {
    case 'auth': {
      // Some servers do not mind the case.
      const asked: SaslLogin = { mechanism: sasl.mechanism.toUpperCase() };
      const login = sasl.payload === undefined ? asked : withNames(asked, sasl.payload);
      if (!rules.beginLogin(accountOf(rules, login))) {
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
      const isAdmitted = rules.nameLogin(accountOf(rules, named));
      return passAndAwait({ ...state, login: named }, isAdmitted ? bytes : abort, { kind: 'sasl' });
    }
    case 'abort':
      return passAndAwait(state, bytes, { kind: 'sasl' });
    default:
      throw tooEarly(stanzaHead(bytes, state.clientScope).local);
  }
}

function accountOf(rules: ObserverRules, login: SaslLogin): string | undefined {
  return jidOfName(login.authcid, rules.domain);
}

/**
 * Each request waits for its answer: else the answer to a harmless one could pass for that to a login with the same
 * id. What servers read differently is refused: what the gateway makes of it, another may not (RFC 6120 §8.2.3).
 */
function onIq(rules: ObserverRules, state: ObserverState, bytes: Uint8Array, head: StanzaHead): Observation {
  if (head.type !== 'get' && head.type !== 'set') throw tooEarly(`iq type='${head.type ?? ''}'`);
  const [payload, ...others] = childrenOf(bytes, state.clientScope);
  if (payload === undefined || others.length > 0) {
    return refuse(state, bytes, 'modify', 'bad-request', 'A request has exactly one child element.');
  }
  switch (namespaceOf(payload.tag, payload.scope)) {
    case ns.legacyAuth:
      return onLegacyAuth(rules, state, bytes, head, payload);
    case ns.register:
      return onRegistration(rules, state, bytes, head);
    case ns.bind:
      return isOwnServer(head.to, rules.domain)
        ? passAndAwait(state, bytes, { kind: 'bind', id: head.id })
        : refuse(state, bytes, 'modify', 'bad-request', 'Only the server itself binds a resource.');
    default:
      return passAndAwait(state, bytes, { kind: 'other-iq', id: head.id });
  }
}

/** XEP-0078: the question for the fields, or a whole login; Prosody logs in by a `get` too, if the fields are there. */
function onLegacyAuth(
  rules: ObserverRules,
  state: ObserverState,
  bytes: Uint8Array,
  { id, to, type }: StanzaHead,
  query: Child,
): Observation {
  if (state.stage !== 'before-login') {
    return refuse(state, bytes, 'cancel', 'not-allowed', 'This stream is authenticated.');
  }
  const isQuestion =
    type === 'get' && childrenOf(query.bytes, query.scope).every(({ tag }) => tag.local === 'username');
  if (isQuestion) return passAndAwait(state, bytes, { kind: 'other-iq', id });
  const login = readWholeLegacyLogin(bytes, state.clientScope);
  if (login === undefined || !isOwnServer(to, rules.domain)) {
    const text = 'A login has one user name, one resource, and one password or digest.';
    return refuse(state, bytes, 'modify', 'not-acceptable', text);
  }
  const account = jidOfName(login.username, rules.domain);
  if (!rules.beginLogin(account)) return refuse(state, bytes, 'wait', 'resource-constraint', tooManyFailures);
  return passAndAwait(state, bytes, { kind: 'legacy', id: login.id, account });
}

function onRegistration(
  rules: ObserverRules,
  state: ObserverState,
  bytes: Uint8Array,
  { id }: StanzaHead,
): Observation {
  if (!rules.allowRegistration) {
    return refuse(state, bytes, 'cancel', 'not-allowed', 'Accounts cannot be registered through this gateway.');
  }
  const { state: next, effects } = passAndAwait(state, bytes, { kind: 'other-iq', id });
  return { state: next, effects: [{ kind: 'extend' }, ...effects] };
}

function refuse(
  state: ObserverState,
  bytes: Uint8Array,
  type: StanzaError['type'],
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
  // Components and other sessions take registrations too: only one's own server deletes the account.
  if (id === undefined || !isOwnServer(to, rules.domain, state.jid)) return pass(state, bytes);
  return pass({ ...state, removals: [...state.removals, id].slice(-maxRemovals) }, bytes);
}

/** Whether a namespace is written in an element; spares nearly all stanzas a closer look. */
function mentions(bytes: Uint8Array, namespace: string): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(namespace);
}
