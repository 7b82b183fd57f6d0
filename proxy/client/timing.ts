// How long clients and their servers may take, in milliseconds.

export interface Timing {
  /** From the connection, or from <success/>, to a stream header. */
  readonly headerMs: number;
  /** From the header to a session. */
  readonly loginMs: number;
  /** The same when somebody fills in a registration form; what Prosody allows too. */
  readonly registrationMs: number;
  /** Between the two `</stream:stream>` of a close (transparency.md §3.4). */
  readonly closeMs: number;
  /** From our end of a connection to the other side's. */
  readonly lingerMs: number;
  /** From a stanza to asking the server whether it has it … */
  readonly askAfterMs: number;
  /** … and from then on how long it may be silent before its connection counts as lost. */
  readonly silenceMs: number;
  /** Between the first two attempts to reach a server again; each further pause is twice as long. */
  readonly retryMs: number;
}

export const defaultTiming: Timing = {
  headerMs: 30_000,
  loginMs: 60_000,
  registrationMs: 300_000,
  closeMs: 5_000,
  lingerMs: 2_000,
  askAfterMs: 500,
  silenceMs: 30_000,
  retryMs: 500,
};
