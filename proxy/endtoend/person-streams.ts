// The clients of one person that are connected at the moment. What the engine
// sends of its own goes over any of them; what it says, it says to all.
import type { Tell } from '../stages/errand.ts';

/** One client's stream. */
export interface PersonStream {
  /** Full. */
  readonly jid: string;
  /** xml:lang of the stream. */
  readonly lang: string | undefined;
  /** Whether it has the virtual contact. */
  readonly hasContact: boolean;
  readonly tell: Tell;
}

export class PersonStreams {
  readonly #streams = new Set<PersonStream>();

  get isConnected(): boolean {
    return this.#streams.size > 0;
  }

  add(stream: PersonStream): void {
    this.#streams.add(stream);
  }

  remove(stream: PersonStream): void {
    this.#streams.delete(stream);
  }

  all(): readonly PersonStream[] {
    return [...this.#streams];
  }

  /** Sends a stanza of the engine's own over the newest stream; false when there is none. */
  send(stanza: Uint8Array): boolean {
    const newest = [...this.#streams].at(-1);
    newest?.tell({ kind: 'send', stanza });
    return newest !== undefined;
  }

  /** Shows each client that has the virtual contact what this makes for it. */
  show(stanzaFor: (stream: PersonStream) => Uint8Array): void {
    for (const stream of this.all()) {
      if (stream.hasContact) stream.tell({ kind: 'show', stanza: stanzaFor(stream) });
    }
  }
}
