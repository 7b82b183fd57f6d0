// The connection to the server is lost, but not the session (XEP-0198 §5): the
// client stays, what it sends is kept, and goes on over a new connection. What
// the server sends a second time has passed already and is skipped by count, so
// nothing is lost and nothing doubled. If the session is lost too, a client that
// cannot resume it itself gets back what the server, as far as is known, never had.
import { SimppError } from '../../shared/errors.ts';
import type { Bindings } from '../../shared/xml/tag.ts';
import { stanzaHead } from '../../shared/xmpp/stanza.ts';
import { stanzaError } from '../../shared/xmpp/stream-error.ts';
import { handledField, readAcknowledged } from '../../shared/xmpp/stream-management.ts';
import type { RelayEnd } from '../relay-end.ts';
import type { Hibernated } from './hibernated.ts';
import { readStreamError } from '../server/received-error.ts';
import {
  answer,
  ask,
  attached,
  settled,
  to,
  type Management,
  type ServerEndRules,
  type ServerEndState,
} from './server-end-state.ts';
import type { Signal } from './signal.ts';
import { onward, type Effect, type ResumeRequest, type Step } from './stage.ts';

/** The connection ended. */
export function lost(state: ServerEndState, end: RelayEnd, rules: ServerEndRules): Step<ServerEndState> {
  const on = attached(state);
  if (end.kind !== 'vanished' || on?.session === undefined || !rules.isOwn) return { state, effects: onward };
  const management: Management = { ...on, isAttached: false };
  const detached: ServerEndState = { ...state, management, clock: 'off' };
  // A client that counts itself says what it has when it wants to.
  if (state.client.isManaged) return reconnecting(detached);
  return { state: { ...detached, isLosing: true }, effects: [to('client', { kind: 'asked' })] };
}

/** What the client has of what came before the loss is known: a new connection is to go on behind that. */
export function reconnecting(state: ServerEndState): Step<ServerEndState> {
  const { management, down, header } = state;
  if (management.kind !== 'on' || management.session === undefined) return { state, effects: [] };
  const { namespace, session } = management;
  const answered = Math.max(down.answered, down.confirmed - down.from);
  const request: ResumeRequest = {
    namespace,
    previd: session.id,
    h: handledField(answered),
    header,
    maxMs: session.maxMs,
  };
  return {
    state: { ...state, isLosing: false, down: { ...down, answered, owes: false } },
    effects: [{ kind: 'reconnect', request }],
  };
}

/** The session goes on over a new connection. */
export function reattached(
  state: ServerEndState,
  { h }: Extract<Signal, { kind: 'resumed' }>,
  rules: ServerEndRules,
): Step<ServerEndState> {
  const { management, up, down } = state;
  if (management.kind !== 'on') return { state, effects: [] };
  const count = readAcknowledged(h, up.settled - up.from, up.sent - up.from);
  const { state: rest, effects } = settled(state, count);
  const again: Effect[] = rest.queue.all().map((bytes) => ({ kind: 'reply', bytes }));
  const on: ServerEndState = {
    ...rest,
    management: { ...management, isAttached: true },
    footer: undefined,
    up: { ...rest.up, asked: rest.up.settled },
    resent: again.length === 0 ? undefined : rest.up.sent,
    down: { ...down, skip: down.passed - down.from - down.answered },
  };
  const asked = ask(on, 'server', rules);
  const answered = answer(asked.state, 'server');
  const { footer } = state;
  const close: Effect[] = footer === undefined ? [] : [{ kind: 'close', bytes: footer }];
  return {
    state: { ...answered.state, footer },
    effects: [...effects, ...again, ...asked.effects, ...answered.effects, ...close],
  };
}

/** The session is lost. */
export function forsaken(
  state: ServerEndState,
  { h, error }: Extract<Signal, { kind: 'unresumed' }>,
  rules: ServerEndRules,
): Step<ServerEndState> {
  const { up } = state;
  // This server has lost its memory: a count that makes no sense says nothing.
  const count = h === undefined ? 0 : (sensible(h, up.settled - up.from, up.sent - up.from) ?? 0);
  const { state: rest, effects } = settled(state, count);
  const returned: Effect[] = [];
  // A client that manages its stream knows itself what is not acknowledged.
  for (const stanza of state.client.isManaged ? [] : rest.queue.takeUnanswered()) {
    const bytes = unavailable(stanza, state);
    if (bytes !== undefined) returned.push({ kind: 'forward', bytes });
  }
  const remembered = h === undefined ? [] : hibernating(state, rules, h);
  // Behind this, for all who stand before the client.
  const end = to('client', { kind: 'ending', end: { kind: 'unresumed', error } });
  return { state: rest, effects: [...effects, ...returned, ...remembered, end] };
}

/** A client that leaves may come back with an id that only we can translate, or to a count that only we know. */
export function hibernating(state: ServerEndState, { account }: ServerEndRules, handled?: number): readonly Effect[] {
  const { late, management, client } = state;
  if (!client.wantsResume || management.kind !== 'on' || management.session === undefined) return [];
  if (late?.id === undefined && handled === undefined) return [];
  const { namespace, session } = management;
  const { id = session.id, up = 0, down = 0 } = late ?? {};
  const kept: Hibernated = {
    account,
    namespace,
    previd: session.id,
    up,
    down,
    ...(handled === undefined ? {} : { handled }),
    maxMs: session.maxMs,
  };
  return [{ kind: 'note', note: { kind: 'hibernated', id, session: kept } }];
}

/**
 * The server has taken the session back and then ended the stream over what was sent again. Prosody 0.12 does:
 * it reads the new connection as the rest of the old one, which may have broken off within a stanza.
 */
export function choked(
  state: ServerEndState,
  bytes: Uint8Array,
  scope: Bindings,
  rules: ServerEndRules,
): Step<ServerEndState> {
  const error = new SimppError(
    'server-unreachable',
    'The connection to the server was lost, and the server could not go on with the session.',
    { cause: readStreamError(bytes, scope) },
  );
  return forsaken(state, { kind: 'unresumed', h: undefined, error }, rules);
}

function sensible(h: number, acknowledged: number, sent: number): number | undefined {
  try {
    return readAcknowledged(h, acknowledged, sent);
  } catch {
    return undefined;
  }
}

/** XEP-0198 §4: what was not delivered comes back; presence is not answered with errors. */
function unavailable(stanza: Uint8Array, { scope }: ServerEndState): Uint8Array | undefined {
  if (stanzaHead(stanza, scope).local === 'presence') return undefined;
  const text = 'The connection to the server was lost before it had this.';
  return stanzaError(stanza, scope, { type: 'wait', condition: 'recipient-unavailable', text });
}
