// Somebody between a proxy and the server in direct mode, where nothing but
// end-to-end encryption is in their way: reads whole stanzas that come down and
// passes on what they like instead.
import type { Direction, WireTap } from '../../../proxy/try/wire-tap.ts';

/** What becomes of a stanza, or of several that came together. */
export type Bend = (stanzas: string) => string;

const ends: readonly (readonly [open: RegExp, close: string])[] = [
  [/<message[ >]/g, '</message>'],
  [/<iq[ >]/g, '</iq>'],
];

export class StanzaMan {
  #bend: Bend = (stanzas) => stanzas;
  readonly #held = new Map<number, string>();

  constructor(tap: WireTap) {
    tap.transform((chunk, direction, connection) => this.#pass(chunk, direction, connection));
  }

  /** From now on; honest again without one. */
  bend(bend: Bend = (stanzas) => stanzas): void {
    this.#bend = bend;
  }

  #pass(chunk: Uint8Array, direction: Direction, connection: number): Uint8Array {
    if (direction === 'up') return chunk;
    const text = (this.#held.get(connection) ?? '') + Buffer.from(chunk).toString('latin1');
    if (isCut(text)) {
      this.#held.set(connection, text);
      return new Uint8Array(0);
    }
    this.#held.delete(connection);
    return Buffer.from(this.#bend(text), 'latin1');
  }
}

/** Whether a stanza has begun that has not ended. */
function isCut(text: string): boolean {
  return ends.some(([open, close]) => {
    const last = [...text.matchAll(open)].at(-1);
    if (last === undefined) return false;
    const tag = text.slice(last.index, text.indexOf('>', last.index) + 1);
    return tag === '' || (!tag.endsWith('/>') && !text.includes(close, last.index));
  });
}
