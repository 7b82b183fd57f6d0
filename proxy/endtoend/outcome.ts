// What becomes of a claimed stanza, and when that may be believed.

export interface Outcome {
  /** For the server. */
  readonly up: readonly Uint8Array[];
  /** For the client. */
  readonly down: readonly Uint8Array[];
  /** Settles when what it stands on is on the disk, or is lost; absent where it stands on nothing. */
  readonly durable?: Promise<void> | undefined;
}

export const swallowed: Outcome = { up: [], down: [] };

export const goesUp = (stanza: Uint8Array): Outcome => ({ up: [stanza], down: [] });
export const goesDown = (stanza: Uint8Array): Outcome => ({ up: [], down: [stanza] });
