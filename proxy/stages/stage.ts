// What a stage of the relay is: a pure step that sees one part of the stream
// from one side and says, as data, what becomes of it. Stages stand in a row
// between client and server; what one forwards, the next one sees. A new
// feature (stream management, end to end, archive) is a new stage in the row.
import type { SimppError } from '../../shared/errors.ts';
import type { Arrival } from './arrival.ts';

/** The leg that something comes from. */
export type Side = 'client' | 'server';

/** Work outside the pipeline that must be over before a part goes on. */
export type Job =
  { readonly kind: 'enrol'; readonly jid: string } | { readonly kind: 'keep-password'; readonly password: string };

/** What the stages noticed, for timers, logs and the rules of closing. */
export type Note =
  /** Somebody logs in under this name, says the client: a localpart or a whole JID. */
  | { readonly kind: 'login-named'; readonly name: string }
  /** The session stands; the full JID unless the server did not say it. */
  | { readonly kind: 'established'; readonly jid?: string }
  /** The server keeps the session for a client that vanishes (XEP-0198 §5). */
  | { readonly kind: 'resumable' }
  /** A person is filling in a form, which takes longer than a login. */
  | { readonly kind: 'registering' };

/** Why the stages end a relay. */
export type StageEnd =
  /** The side that sent the part did something that ends its stream. */
  | { readonly kind: 'refused'; readonly error: SimppError }
  /** The account that the client named has a set-up of its own: its login ends here. */
  | { readonly kind: 'taken-over'; readonly mechanism: string; readonly response: Uint8Array };

/** One thing to do; the relay does them in their order. */
export type Effect =
  /** The part goes on, as it is or as these bytes. */
  | { readonly kind: 'forward'; readonly bytes?: Uint8Array }
  /** These bytes go back to where the part came from. */
  | { readonly kind: 'reply'; readonly bytes: Uint8Array }
  /** Nothing more is read from this side … */
  | { readonly kind: 'hold'; readonly side: Side }
  /** … until this. */
  | { readonly kind: 'release'; readonly side: Side }
  /** Both streams begin anew with a header (RFC 6120 §4.3.3). */
  | { readonly kind: 'restart' }
  /** The effects behind it, and the part's direction, wait until the job is over. */
  | { readonly kind: 'job'; readonly job: Job }
  | { readonly kind: 'note'; readonly note: Note }
  | { readonly kind: 'end'; readonly end: StageEnd };

/** A stage's next state and what it wants done. */
export interface Step<State> {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** A stage: a first state and a pure step. */
export interface Stage<State> {
  readonly initial: State;
  readonly step: (state: State, arrival: Arrival) => Step<State>;
}

/** A stage in one relay, which keeps the state between its steps. */
export type RunningStage = (arrival: Arrival) => readonly Effect[];

/** Puts a stage into a relay. */
export function running<State>(stage: Stage<State>): RunningStage {
  let { initial: state } = stage;
  return (arrival) => {
    const next = stage.step(state, arrival);
    state = next.state;
    return next.effects;
  };
}

/** The usual effects: the part goes on unchanged. */
export const onward: readonly Effect[] = [{ kind: 'forward' }];
