// The proxy's end of stream management with a server (XEP-0198), last in the
// row. Here the proxy is the client: it keeps what the server has not
// acknowledged, within bounds beyond which the client waits, and tells the
// server what the client has, which it hears of from the other end of the row
// (transparency.md §3.6). The upstream is managed whether the client is or not,
// so that it can be resumed behind it.
import { readFeatures } from '../../shared/xmpp/features.ts';
import { ns } from '../../shared/xmpp/namespaces.ts';
import { streamError } from '../../shared/xmpp/stream-error.ts';
import {
  HandledTooMuch,
  readAcknowledged,
  readSm,
  smNames,
  type SmNamespace,
} from '../../shared/xmpp/stream-management.ts';
import { enable, enabled, enableOwn, failed, resume, resumed } from './agreement.ts';
import type { Arrival } from './arrival.ts';
import { answerKey, requestKey } from './request-key.ts';
import { choked, forsaken, hibernating, lost, reattached, reconnecting } from './reattachment.ts';
import {
  answer,
  ask,
  initialState,
  settled,
  to,
  waiting,
  type ServerEndRules,
  type ServerEndState,
} from './server-end-state.ts';
import type { Signal } from './signal.ts';
import { onward, type Effect, type Stage, type Step } from './stage.ts';

/** So much may be unacknowledged before the server is asked at once. */
const askAfter = { stanzas: 400, bytes: 256 * 1024 } as const;

export function serverEndStage(rules: ServerEndRules): Stage<ServerEndState> {
  return {
    initial: initialState(),
    step: (state, arrival) =>
      arrival.from === 'client' ? fromClient(state, arrival, rules) : fromServer(state, arrival, rules),
    hear: (state, from, signal) =>
      from === 'client' ? heardFromClient(state, signal, rules) : heardFromServer(state, signal, rules),
  };
}

/** Steps one after the other, as one. */
function chain(
  first: Step<ServerEndState>,
  next: (state: ServerEndState) => Step<ServerEndState>,
): Step<ServerEndState> {
  const { state, effects } = next(first.state);
  return { state, effects: [...first.effects, ...effects] };
}

function fromClient(state: ServerEndState, arrival: Arrival, rules: ServerEndRules): Step<ServerEndState> {
  const { part, scope, local } = arrival;
  if (arrival.isStanza) {
    const { management, offered } = state;
    // A client that manages its stream begins before it shows itself.
    if (rules.isOwn && management.kind === 'off' && offered !== undefined && local !== 'iq') {
      return chain(enableOwn(state, offered), (counting) => sent(counting, arrival, rules));
    }
    return sent(state, arrival, rules);
  }
  if (part.kind === 'header') return { state: { ...state, header: part.bytes, scope }, effects: onward };
  if (part.kind === 'footer') return { state: { ...state, footer: part.bytes, clock: 'off' }, effects: onward };
  const sm = smNames.has(local) ? readSm(part.bytes, scope) : undefined;
  switch (sm?.kind) {
    case 'enable':
      return enable(state, sm, part.bytes, rules);
    case 'resume':
      return resume(state, sm, rules);
    case 'r':
    case 'a':
      // What a managed client says has become signals; another one's words mean nothing on a stream that we manage.
      return { state, effects: state.management.kind === 'off' ? onward : [] };
    default:
      return { state, effects: onward };
  }
}

function sent(state: ServerEndState, arrival: Arrival, rules: ServerEndRules): Step<ServerEndState> {
  const { queue, management } = state;
  const { bytes } = arrival.part;
  const count = state.up.sent + 1;
  if (management.kind === 'off') return { state: { ...state, up: { ...state.up, sent: count } }, effects: onward };
  queue.push(bytes, requestKey(arrival, rules.account));
  const bytesSinceAsked = state.up.bytesSinceAsked + bytes.length;
  const up = { ...state.up, sent: count, bytesSinceAsked, isHeld: queue.isFull };
  const next: ServerEndState = { ...state, up };
  const effects: Effect[] = management.kind === 'on' && !management.isAttached ? [] : [...onward];
  if (queue.isFull && !state.up.isHeld) effects.push({ kind: 'hold', side: 'client' });
  const isMuch = count - up.asked >= askAfter.stanzas || bytesSinceAsked >= askAfter.bytes;
  if (isMuch || queue.isFull) return chain({ state: next, effects }, (full) => ask(full, 'client', rules));
  if (state.clock !== 'off') return { state: next, effects };
  return chain({ state: next, effects }, (some) => waiting(some, rules));
}

function fromServer(before: ServerEndState, arrival: Arrival, rules: ServerEndRules): Step<ServerEndState> {
  const { part, scope, local } = arrival;
  if (part.kind === 'footer') return { state: unresumable(before), effects: onward };
  if (part.kind !== 'element') return { state: before, effects: onward };
  const state: ServerEndState = before.clock === 'answer' && !before.hasHeard ? { ...before, hasHeard: true } : before;
  if (arrival.isStanza) {
    const { down, queue } = state;
    if (local === 'iq' && queue.length > 0) queue.answered(answerKey(arrival, rules.account));
    if (down.skip > 0) return { state: { ...state, down: { ...down, skip: down.skip - 1 } }, effects: [] };
    return { state: { ...state, down: { ...down, passed: down.passed + 1 } }, effects: onward };
  }
  if (arrival.is(ns.streams, 'features')) {
    const { streamManagement } = readFeatures(part.bytes, scope);
    return { state: { ...state, offered: preferred(streamManagement) }, effects: onward };
  }
  const { management } = state;
  if (arrival.is(ns.streams, 'error')) {
    if (state.resent !== undefined) return choked(state, part.bytes, scope, rules);
    return { state: unresumable(state), effects: onward };
  }
  const sm = management.kind !== 'off' && smNames.has(local) ? readSm(part.bytes, scope) : undefined;
  switch (sm?.kind) {
    case 'enabled':
      return management.kind === 'enabling'
        ? enabled(state, management, sm, part.bytes, rules)
        : { state, effects: [] };
    case 'resumed':
      return management.kind === 'resuming' ? resumed(state, management, sm, rules) : { state, effects: [] };
    case 'failed':
      if (management.kind !== 'enabling' && management.kind !== 'resuming') return { state, effects: [] };
      return failed(state, management, sm, part.bytes);
    case 'r':
      return {
        state: { ...state, down: { ...state.down, owes: true } },
        effects: [to('client', { kind: 'asked' })],
      };
    case 'a':
      return management.kind === 'on' ? acknowledged(state, sm.h, rules) : { state, effects: [] };
    default:
      return { state, effects: onward };
  }
}

/** The server has ended the stream: its connection is then no loss, even if the client does not know of the end yet. */
function unresumable(state: ServerEndState): ServerEndState {
  const { management } = state;
  return management.kind === 'on' ? { ...state, management: { ...management, session: undefined } } : state;
}

function preferred(offered: readonly string[]): SmNamespace | undefined {
  return offered.includes(ns.sm3) ? ns.sm3 : offered.includes(ns.sm2) ? ns.sm2 : undefined;
}

function acknowledged(state: ServerEndState, h: number | undefined, rules: ServerEndRules): Step<ServerEndState> {
  const { up } = state;
  try {
    const count = readAcknowledged(h, up.settled - up.from, up.sent - up.from);
    return chain(settled(state, count), (rest) => waiting(rest, rules));
  } catch (error) {
    if (!(error instanceof HandledTooMuch)) throw error;
    const farewell = streamError(error.streamCondition, error.message, 'en', error.detail);
    return {
      state,
      effects: [
        { kind: 'reply', bytes: farewell },
        { kind: 'end', end: { kind: 'refused', error } },
      ],
    };
  }
}

function heardFromClient(state: ServerEndState, signal: Signal, rules: ServerEndRules): Step<ServerEndState> {
  switch (signal.kind) {
    case 'asked':
      return ask(state, 'client', rules);
    case 'confirmed': {
      const confirmed = state.down.confirmed + signal.count;
      const next: ServerEndState = { ...state, down: { ...state.down, confirmed } };
      return state.isLosing ? reconnecting(next) : answer(next, 'client');
    }
    case 'ending':
      return { state, effects: [...hibernating(state, rules), ...onward] };
    default:
      return { state, effects: onward };
  }
}

function heardFromServer(state: ServerEndState, signal: Signal, rules: ServerEndRules): Step<ServerEndState> {
  switch (signal.kind) {
    case 'woke':
      return woken(state, rules);
    case 'ending':
      return lost(state, signal.end, rules);
    case 'resumed':
      return reattached(state, signal, rules);
    case 'unresumed':
      return forsaken(state, signal, rules);
    default:
      return { state, effects: onward };
  }
}

function woken(state: ServerEndState, rules: ServerEndRules): Step<ServerEndState> {
  switch (state.clock) {
    case 'off':
      return { state, effects: [] };
    case 'ask':
      // Also what was asked about before and not counted in the answer.
      return ask({ ...state, up: { ...state.up, asked: state.up.settled } }, 'server', rules);
    case 'answer':
      // A server that says anything at all is there, however late it counts.
      if (state.hasHeard) {
        return { state: { ...state, hasHeard: false }, effects: [{ kind: 'wake', afterMs: rules.silenceMs }] };
      }
      return { state: { ...state, clock: 'off' }, effects: [{ kind: 'cut' }] };
  }
}
