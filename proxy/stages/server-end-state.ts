// What the proxy's end of stream management with a server keeps, and the few
// changes to it that its rules are made of. Totals count all stanzas of the
// session, so that they mean the same at both ends of the row; what the server
// counts begins later, at `from`.
import type { Bindings } from '../../shared/xml/tag.ts';
import { noBindings } from '../../shared/xml/tag.ts';
import { writeAnswer, writeRequest, type SmNamespace } from '../../shared/xmpp/stream-management.ts';
import type { Side } from '../relay-end.ts';
import type { Hibernated } from './hibernated.ts';
import type { Signal } from './signal.ts';
import type { Effect, Step } from './stage.ts';
import { Unacknowledged } from './unacknowledged.ts';

export type Management =
  | { readonly kind: 'off' }
  /** `<enable/>` has gone up, the client's or our own. */
  | { readonly kind: 'enabling'; readonly namespace: SmNamespace; readonly by: 'client' | 'proxy' }
  /** The client's `<resume/>` has gone up, translated if the session is one of those that need it. */
  | {
      readonly kind: 'resuming';
      readonly namespace: SmNamespace;
      readonly previd: string;
      readonly h: number;
      readonly known: Hibernated | undefined;
    }
  | {
      readonly kind: 'on';
      readonly namespace: SmNamespace;
      /** How the session is resumed; undefined when the server will not. */
      readonly session: { readonly id: string; readonly maxMs: number } | undefined;
      /** False while the connection is lost. */
      readonly isAttached: boolean;
    };

/** How the client's own management differs from ours with the server: it began later. */
export interface Late {
  readonly namespace: SmNamespace;
  readonly wantsResume: boolean;
  /** Its id, once it has one. */
  readonly id: string | undefined;
  readonly up: number;
  readonly down: number;
}

export interface ServerEndState {
  readonly management: Management;
  /** Offered by the server and not refused. */
  readonly offered: SmNamespace | undefined;
  /** Whether the client manages its stream, and wants to resume. */
  readonly client: { readonly isManaged: boolean; readonly wantsResume: boolean };
  readonly late: Late | undefined;
  /** The client's header as it went up, and its bindings. */
  readonly header: Uint8Array;
  readonly scope: Bindings;
  /** The client's close, once it has come: nothing is said to the server behind it. */
  readonly footer: Uint8Array | undefined;
  readonly queue: Unacknowledged;
  readonly up: {
    readonly sent: number;
    readonly from: number;
    /** What the other end of the row knows to be with the server. */
    readonly settled: number;
    /** Sent when `<r/>` was last sent, and bytes sent since. */
    readonly asked: number;
    readonly bytesSinceAsked: number;
    readonly isHeld: boolean;
  };
  readonly down: {
    readonly passed: number;
    readonly from: number;
    readonly confirmed: number;
    /** The last `h` that the server was told, before it wraps. */
    readonly answered: number;
    readonly owes: boolean;
    /** Stanzas that the server will send again though they have passed. */
    readonly skip: number;
  };
  /** The connection has just been lost, and the client is asked what it has. */
  readonly isLosing: boolean;
  /** Sent in all when the session went on over a new connection, until the server has all of that. */
  readonly resent: number | undefined;
  /** What the stage waits for: to ask, or for an answer. */
  readonly clock: 'off' | 'ask' | 'answer';
  /** The server has said anything since it was asked. */
  readonly hasHeard: boolean;
}

export function initialState(): ServerEndState {
  return {
    management: { kind: 'off' },
    offered: undefined,
    client: { isManaged: false, wantsResume: false },
    late: undefined,
    header: new Uint8Array(0),
    scope: noBindings,
    footer: undefined,
    queue: new Unacknowledged(),
    up: { sent: 0, from: 0, settled: 0, asked: 0, bytesSinceAsked: 0, isHeld: false },
    down: { passed: 0, from: 0, confirmed: 0, answered: 0, owes: false, skip: 0 },
    isLosing: false,
    resent: undefined,
    clock: 'off',
    hasHeard: false,
  };
}

export interface ServerEndRules {
  /** Whose session it is; where the client logs in itself, of which domain. */
  readonly account: string;
  /** The proxy has logged in: it manages the stream whether the client does or not, and resumes it (transparency.md §1). */
  readonly isOwn: boolean;
  /** An unguessable id. */
  readonly newId: () => string;
  /** A session that a client has left, by the id that the client knows. */
  readonly recall: (id: string) => Hibernated | undefined;
  /** How long a stanza may be unacknowledged before the server is asked … */
  readonly askAfterMs: number;
  /** … and how long it may then be silent. */
  readonly silenceMs: number;
}

/** The attached state of a managed stream on which the proxy may speak; undefined for any other. */
export function attached({ management, footer }: ServerEndState): Extract<Management, { kind: 'on' }> | undefined {
  return management.kind === 'on' && management.isAttached && footer === undefined ? management : undefined;
}

export const to = (side: Side, signal: Signal): Effect => ({ kind: 'signal', to: side, signal });

/** Bytes for the server, in answer to something from a side. */
export const toServer = (from: Side, bytes: Uint8Array): Effect =>
  from === 'client' ? { kind: 'forward', bytes } : { kind: 'reply', bytes };

/** Bytes for the client, likewise. */
export const toClient = (from: Side, bytes: Uint8Array): Effect =>
  from === 'server' ? { kind: 'forward', bytes } : { kind: 'reply', bytes };

/** The count begins: what was sent before is beyond anybody's acknowledging. */
export function begun(state: ServerEndState): Step<ServerEndState> {
  const { sent, settled } = state.up;
  return {
    state: { ...state, up: { ...state.up, from: sent, settled: sent, asked: sent, bytesSinceAsked: 0 } },
    effects: sent === settled ? [] : [to('client', { kind: 'confirmed', count: sent - settled })],
  };
}

/** The server has this many more stanzas: they need not be kept, and the client may send others. */
export function settled(state: ServerEndState, count: number): Step<ServerEndState> {
  state.queue.drop(count);
  const effects: Effect[] = count === 0 ? [] : [to('client', { kind: 'confirmed', count })];
  const isReleased = state.up.isHeld && !state.queue.isFull;
  if (isReleased) effects.push({ kind: 'release', side: 'client' });
  const total = state.up.settled + count;
  const up = { ...state.up, settled: total, isHeld: state.up.isHeld && !isReleased };
  const resent = state.resent !== undefined && total < state.resent ? state.resent : undefined;
  return { state: { ...state, up, resent }, effects };
}

/** `<r/>`, unless one is on its way for all that was sent. */
export function ask(state: ServerEndState, from: Side, { silenceMs }: ServerEndRules): Step<ServerEndState> {
  const on = attached(state);
  if (on === undefined || state.queue.length === 0 || state.up.asked === state.up.sent) return { state, effects: [] };
  const effects: Effect[] = [toServer(from, writeRequest(on.namespace))];
  // An answer that is due already keeps its time.
  if (state.clock !== 'answer') effects.push({ kind: 'wake', afterMs: silenceMs });
  return {
    state: {
      ...state,
      up: { ...state.up, asked: state.up.sent, bytesSinceAsked: 0 },
      clock: 'answer',
      hasHeard: state.clock === 'answer' && state.hasHeard,
    },
    effects,
  };
}

/** What is unacknowledged will be asked about, if nothing else does it before. */
export function waiting(state: ServerEndState, { askAfterMs }: ServerEndRules): Step<ServerEndState> {
  if (state.queue.length === 0 || attached(state) === undefined) {
    return { state: { ...state, clock: 'off' }, effects: [] };
  }
  return { state: { ...state, clock: 'ask' }, effects: [{ kind: 'wake', afterMs: askAfterMs }] };
}

/** Tells the server what the client has, if it wants to know or if that is more than it knows. */
export function answer(state: ServerEndState, from: Side): Step<ServerEndState> {
  const on = attached(state);
  const { from: first, confirmed, answered, owes } = state.down;
  // What passed before the count began may be confirmed later than that.
  const count = Math.max(0, confirmed - first);
  if (on === undefined || (!owes && count <= answered)) return { state, effects: [] };
  return {
    state: { ...state, down: { ...state.down, answered: Math.max(count, answered), owes: false } },
    effects: [toServer(from, writeAnswer(on.namespace, Math.max(count, answered)))],
  };
}
