// The proxy's end of stream management with a client (XEP-0198), first in the
// row. To a client that manages its stream it is the server: it counts, answers
// and asks. For one that does not, a stanza counts as arrived when the client's
// connection has taken it (transparency.md §3.6). Either way the other end of
// the row hears of it by signals, and what the client is told is what the
// server has acknowledged, never what the proxy has.
import { SimppError } from '../../shared/errors.ts';
import {
  readAcknowledged,
  readSm,
  smNames,
  writeAnswer,
  writeFailed,
  writeRequest,
  type SmElement,
  type SmNamespace,
} from '../../shared/xmpp/stream-management.ts';
import type { Signal } from './signal.ts';
import { onward, type Effect, type Stage, type Step } from './stage.ts';

type Management =
  | { readonly kind: 'off' }
  /** `<enable/>` or `<resume/>` has passed; the client's count begins, or goes on, with what came behind it. */
  | { readonly kind: 'agreeing'; readonly namespace: SmNamespace; readonly passed: number; readonly h: number }
  /** Where the client's counts begin in ours. */
  | { readonly kind: 'on'; readonly namespace: SmNamespace; readonly upFrom: number; readonly downFrom: number };

export interface ClientEndState {
  readonly management: Management;
  /** Stanzas from the client, and how many of them the server has for good. */
  readonly passed: number;
  readonly settled: number;
  /** Stanzas to the client, and how many of them it has for good. */
  readonly sent: number;
  readonly confirmed: number;
  /** The client asked, and not all that it asked about was settled. */
  readonly owes: boolean;
}

const initial: ClientEndState = {
  management: { kind: 'off' },
  passed: 0,
  settled: 0,
  sent: 0,
  confirmed: 0,
  owes: false,
};

export const clientEndStage: Stage<ClientEndState> = {
  initial,
  step: (state, arrival) => {
    const { from } = arrival;
    if (arrival.isStanza) {
      const counted = from === 'client' ? { passed: state.passed + 1 } : { sent: state.sent + 1 };
      return { state: { ...state, ...counted }, effects: onward };
    }
    if (from === 'client' && arrival.part.kind === 'footer' && state.management.kind !== 'on') {
      // The server stores or returns what was not acknowledged before the close, and this client will not say more.
      return { state, effects: [{ kind: 'flush', upTo: state.sent }, ...onward] };
    }
    const sm = smNames.has(arrival.local) ? readSm(arrival.part.bytes, arrival.scope) : undefined;
    if (sm === undefined) return { state, effects: onward };
    return from === 'client' ? fromClient(state, sm) : fromServer(state, sm);
  },
  hear: (state, from, signal) => (from === 'client' ? heardFromClient(state, signal) : heardFromServer(state, signal)),
};

function fromClient(state: ClientEndState, sm: SmElement): Step<ClientEndState> {
  const { management } = state;
  switch (sm.kind) {
    case 'enable':
    case 'resume': {
      // XEP-0198 §3: not twice on one stream.
      if (management.kind !== 'off') {
        return { state, effects: [{ kind: 'reply', bytes: writeFailed(sm.namespace, 'unexpected-request') }] };
      }
      const h = sm.kind === 'resume' ? (sm.h ?? 0) : 0;
      const agreeing: Management = { kind: 'agreeing', namespace: sm.namespace, passed: state.passed, h };
      return { state: { ...state, management: agreeing }, effects: onward };
    }
    case 'r': {
      if (management.kind === 'off') return { state, effects: onward };
      if (management.kind === 'agreeing') return { state: { ...state, owes: true }, effects: [] };
      const owes = state.settled < state.passed;
      const answer: Effect = { kind: 'reply', bytes: answerTo(state, management) };
      return { state: { ...state, owes }, effects: owes ? [answer, toServer({ kind: 'asked' })] : [answer] };
    }
    case 'a': {
      if (management.kind !== 'on') return { state, effects: management.kind === 'off' ? onward : [] };
      const { downFrom } = management;
      const count = acknowledged(sm.h, state.confirmed - downFrom, state.sent - downFrom);
      if (count instanceof SimppError) {
        return { state, effects: [{ kind: 'end', end: { kind: 'refused', error: count } }] };
      }
      return confirm(state, state.confirmed + count, []);
    }
    default:
      return { state, effects: onward };
  }
}

function acknowledged(h: number | undefined, before: number, sent: number): number | SimppError {
  try {
    return readAcknowledged(h, before, sent);
  } catch (error) {
    if (error instanceof SimppError) return error;
    throw error;
  }
}

function fromServer(state: ClientEndState, sm: SmElement): Step<ClientEndState> {
  const { management } = state;
  if (management.kind !== 'agreeing') return { state, effects: onward };
  const { namespace, passed, h } = management;
  switch (sm.kind) {
    case 'enabled':
    case 'resumed': {
      const upFrom = passed - (sm.kind === 'resumed' ? (sm.h ?? 0) : 0);
      const on = { kind: 'on', namespace, upFrom, downFrom: state.sent - h } as const;
      const managed: ClientEndState = { ...state, management: on };
      const answer: Effect[] = state.owes ? [{ kind: 'forward', bytes: answerTo(managed, on) }] : [];
      // What it got before, it will never count.
      return confirm(managed, state.sent, [...onward, ...answer]);
    }
    case 'failed':
      return { state: { ...state, management: { kind: 'off' }, owes: false }, effects: onward };
    default:
      return { state, effects: onward };
  }
}

function heardFromClient(state: ClientEndState, signal: Signal): Step<ClientEndState> {
  switch (signal.kind) {
    case 'flushed':
      // A connection that takes its time: the server gets an answer at once, and another one later.
      return confirm(state, signal.isDone ? Math.max(state.confirmed, signal.upTo) : state.confirmed, []);
    case 'ending':
      if (state.management.kind === 'on') return { state, effects: onward };
      return { state, effects: [{ kind: 'flush', upTo: state.sent }, ...onward] };
    default:
      return { state, effects: onward };
  }
}

function heardFromServer(state: ClientEndState, signal: Signal): Step<ClientEndState> {
  const { management } = state;
  switch (signal.kind) {
    case 'asked':
      if (management.kind === 'on') {
        const request: Effect = { kind: 'forward', bytes: writeRequest(management.namespace) };
        return { state, effects: [request, toServer({ kind: 'confirmed', count: 0 })] };
      }
      return { state, effects: [{ kind: 'flush', upTo: state.sent }] };
    case 'confirmed': {
      const settled = state.settled + signal.count;
      const next: ClientEndState = { ...state, settled, owes: state.owes && settled < state.passed };
      if (!state.owes || management.kind !== 'on') return { state: next, effects: [] };
      return { state: next, effects: [{ kind: 'forward', bytes: answerTo(next, management) }] };
    }
    default:
      return { state, effects: onward };
  }
}

/** The client has this many of our stanzas in all. The other end hears of it even when that is nothing new. */
function confirm(state: ClientEndState, confirmed: number, effects: readonly Effect[]): Step<ClientEndState> {
  const count = confirmed - state.confirmed;
  return { state: { ...state, confirmed }, effects: [...effects, toServer({ kind: 'confirmed', count })] };
}

function answerTo(state: ClientEndState, { namespace, upFrom }: Extract<Management, { kind: 'on' }>): Uint8Array {
  // What came before <enable/> may still be on its way, and is not part of the count.
  return writeAnswer(namespace, Math.max(0, state.settled - upFrom));
}

function toServer(signal: Signal): Effect {
  return { kind: 'signal', to: 'server', signal };
}
