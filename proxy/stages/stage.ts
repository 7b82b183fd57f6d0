// What a stage of the relay is: a pure step that sees one part of the stream
// from one side and says, as data, what becomes of it. Stages stand in a row
// between client and server; what one forwards, the next one sees. A new
// feature (end to end, archive) is a new stage in the row.
import type { SimppError } from '../../shared/errors.ts';
import type { StreamPart } from '../../shared/xml/scanner.ts';
import type { SmNamespace } from '../../shared/xmpp/stream-management.ts';
import type { RelayEnd, Side } from '../relay-end.ts';
import type { Arrival } from './arrival.ts';
import type { Errand } from './errand.ts';
import type { Hibernated } from './hibernated.ts';
import type { Signal } from './signal.ts';
import type { Translation } from './translation.ts';

/** Work outside the pipeline that must be over before a part goes on. */
export type Job =
  { readonly kind: 'enrol'; readonly jid: string } | { readonly kind: 'keep-password'; readonly password: string };

/** What the stages noticed, for timers, logs and the rules of closing. */
export type Note =
  /** Somebody logs in under this name, says the client: a localpart or a whole JID. */
  | { readonly kind: 'login-named'; readonly name: string }
  /** The session stands; the full JID unless the server did not say it. */
  | { readonly kind: 'established'; readonly jid?: string }
  /** The client may resume its session when it has vanished (XEP-0198 §5). */
  | { readonly kind: 'resumable' }
  /** A client has left a session that only the proxy can translate back. */
  | { readonly kind: 'hibernated'; readonly id: string; readonly session: Hibernated }
  /** The same where counts differ by what the end-to-end stage has added and swallowed. */
  | { readonly kind: 'left'; readonly id: string; readonly translation: Translation }
  /** A person is filling in a form, which takes longer than a login. */
  | { readonly kind: 'registering' };

/** Why the stages end a relay. */
export type StageEnd =
  /** The side that sent the part did something that ends its stream. */
  | { readonly kind: 'refused'; readonly error: SimppError }
  | Extract<RelayEnd, { kind: 'taken-over' | 'unresumed' | 'redirected' }>;

/** How a session is to go on over a new connection to its server. */
export interface ResumeRequest {
  readonly namespace: SmNamespace;
  readonly previd: string;
  /** Stanzas of the server that are handled for good, modulo 2^32. */
  readonly h: number;
  /** The header with which the stream began. */
  readonly header: Uint8Array;
  /** For how long the server keeps the session. */
  readonly maxMs: number;
}

/** One thing to do; the relay does them in their order. */
export type Effect =
  /** What came goes on, as it is or as this element. */
  | { readonly kind: 'forward'; readonly bytes?: Uint8Array }
  /** This part goes on, ahead of what came. */
  | { readonly kind: 'pass'; readonly part: StreamPart }
  /** These bytes go back to where it came from. */
  | { readonly kind: 'reply'; readonly bytes: Uint8Array }
  /** The client's close goes to the server: there was no connection for it when it came. */
  | { readonly kind: 'close'; readonly bytes: Uint8Array }
  /** A signal goes from here towards this side. */
  | { readonly kind: 'signal'; readonly to: Side; readonly signal: Signal }
  /** Nothing more is read from this side … */
  | { readonly kind: 'hold'; readonly side: Side }
  /** … until this. */
  | { readonly kind: 'release'; readonly side: Side }
  /** The stage hears whether all that was sent to the client has left, at once, and if not, again when it has. */
  | { readonly kind: 'flush'; readonly upTo: number }
  /** The stage is woken after this time; a new one replaces the last. */
  | { readonly kind: 'wake'; readonly afterMs: number }
  /** The server's connection is as good as lost. */
  | { readonly kind: 'cut' }
  /** The server's connection is lost, and another one takes its place. */
  | { readonly kind: 'reconnect'; readonly request: ResumeRequest }
  /** Both streams begin anew with a header (RFC 6120 §4.3.3). */
  | { readonly kind: 'restart' }
  /** The effects behind it, and the part's direction, wait until the job is over. */
  | { readonly kind: 'job'; readonly job: Job }
  /** Goes to the engine, which may answer with news at once: nothing that leaves comes behind it in a step. */
  | { readonly kind: 'errand'; readonly errand: Errand }
  | { readonly kind: 'note'; readonly note: Note }
  | { readonly kind: 'end'; readonly end: StageEnd };

/** A stage's next state and what it wants done. */
export interface Step<State> {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** A stage: a first state and pure steps, for what passes and, if it listens, for signals. */
export interface Stage<State> {
  readonly initial: State;
  readonly step: (state: State, arrival: Arrival) => Step<State>;
  readonly hear?: (state: State, from: Side, signal: Signal) => Step<State>;
}

/** A stage in one relay, which keeps the state between its steps. */
export interface RunningStage {
  readonly see: (arrival: Arrival) => readonly Effect[];
  readonly hear?: (from: Side, signal: Signal) => readonly Effect[];
}

/** Puts a stage into a relay. */
export function running<State>({ initial, step, hear }: Stage<State>): RunningStage {
  let state = initial;
  const taken = (next: Step<State>): readonly Effect[] => {
    ({ state } = next);
    return next.effects;
  };
  return {
    see: (arrival) => taken(step(state, arrival)),
    ...(hear && { hear: (from, signal) => taken(hear(state, from, signal)) }),
  };
}

/** The usual effects: it goes on unchanged. */
export const onward: readonly Effect[] = [{ kind: 'forward' }];
