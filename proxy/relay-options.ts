// What a relay works with, and what it has done by others: all that needs more
// than its two legs.
import type { Bindings } from '../shared/xml/tag.ts';
import type { Leg } from './leg.ts';
import type { Side } from './relay-end.ts';
import type { RunErrand } from './stages/errand.ts';
import type { Signal } from './stages/signal.ts';
import type { Job, Note, ResumeRequest, RunningStage } from './stages/stage.ts';

/** A server's connection in place of the one that was lost, or why there is none. */
export type Reconnected =
  | { readonly kind: 'resumed'; readonly leg: Leg; readonly bindings: Bindings; readonly h: number }
  | Extract<Signal, { kind: 'unresumed' }>;

export interface RelayOptions {
  readonly legs: Readonly<Record<Side, Leg>>;
  /** In order from the client to the server. */
  readonly stages: readonly RunningStage[];
  /** Does a job; the part that waits for it goes on when it settles. */
  readonly perform: (job: Job) => Promise<void>;
  /** Connects to the server anew; gives up when the signal is aborted. */
  readonly reconnect: (request: ResumeRequest, signal: AbortSignal) => Promise<Reconnected>;
  /** The engine that runs the errands of the end-to-end stage; absent where there is none. */
  readonly errand?: RunErrand | undefined;
  readonly notice: (note: Note) => undefined;
  /** Counts an element that went on from this side. */
  readonly passed: (from: Side) => void;
  /** How long the second `</stream:stream>` may take after the first. */
  readonly closeTimeoutMs: number;
}
