// What waits in one direction, in the order in which it came. Stanzas of one
// peer leave in their order, those of others pass them meanwhile (RFC 6120
// §10.1); the end of a stream, and whatever comes behind it, waits for all.
import type { StreamPart } from '../../shared/xml/scanner.ts';
import type { Signal } from './signal.ts';

export interface WaitingStanza {
  readonly kind: 'stanza';
  readonly number: number;
  readonly peer: string;
  readonly size: number;
  /** Stanzas in its place that have arrived already, on the connection before this one. */
  readonly had: number;
  /** What it became; undefined until that is known. */
  outcome: readonly Uint8Array[] | undefined;
  isDurable: boolean;
}

/** The end of a stream: its error, its close, or the word that its connection is gone. */
export interface WaitingEnd {
  readonly kind: 'end';
  readonly item: StreamPart | Signal;
}

export type Waiting = WaitingStanza | WaitingEnd;

/** Beyond either bound the side is read no further. */
const most = { stanzas: 500, bytes: 1024 * 1024 } as const;

export class Lanes {
  #waiting: Waiting[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  get isFull(): boolean {
    return this.#waiting.length >= most.stanzas || this.#bytes >= most.bytes;
  }

  /** Whether the end of the stream waits. */
  get isEnding(): boolean {
    return ends(this.#waiting);
  }

  /** Whether its close does. */
  get isClosing(): boolean {
    return this.#waiting.some((each) => each.kind === 'end' && each.item.kind === 'footer');
  }

  /** Whether something of this peer may pass. */
  isFree(peer: () => string): boolean {
    if (this.isEmpty) return true;
    const name = peer();
    return !this.#waiting.some((each) => each.kind === 'end' || each.peer === name);
  }

  add(waiting: Waiting): void {
    this.#waiting.push(waiting);
    if (waiting.kind === 'stanza') this.#bytes += waiting.size;
  }

  /** Takes out what may leave now, in order. */
  takeReady(): readonly Waiting[] {
    const ready: Waiting[] = [];
    const blocked = new Set<string>();
    const rest: Waiting[] = [];
    for (const each of this.#waiting) {
      const isBlocked =
        each.kind === 'end' ? rest.length > 0 : each.outcome === undefined || blocked.has(each.peer) || ends(rest);
      if (isBlocked) rest.push(each);
      else ready.push(each);
      if (isBlocked && each.kind === 'stanza') blocked.add(each.peer);
    }
    this.#keep(rest);
    return ready;
  }

  /** Gives up what is not known yet and stands before the end of the stream. */
  giveUp(): void {
    this.#keep(this.#waiting.filter((each) => each.kind === 'end' || each.outcome !== undefined));
  }

  #keep(rest: Waiting[]): void {
    this.#waiting = rest;
    this.#bytes = rest.reduce((sum, each) => sum + (each.kind === 'stanza' ? each.size : 0), 0);
  }
}

const ends = (waiting: readonly Waiting[]): boolean => waiting.some(({ kind }) => kind === 'end');
