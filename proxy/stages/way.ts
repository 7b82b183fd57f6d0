// One direction past the end-to-end stage: what waits there in order, and the
// ledger of what arrived and left. It belongs to the state of the stage.
import type { StreamPart } from '../../shared/xml/scanner.ts';
import type { Side } from '../relay-end.ts';
import type { Arrival } from './arrival.ts';
import type { Deeds } from './deeds.ts';
import { Lanes, type WaitingStanza } from './lanes.ts';
import { Ledger } from './ledger.ts';
import type { Signal } from './signal.ts';

const opposite = { client: 'server', server: 'client' } as const satisfies Record<Side, Side>;

export class Way {
  readonly from: Side;
  readonly to: Side;
  readonly ledger = new Ledger();
  readonly lanes = new Lanes();
  #isHeld = false;

  constructor(from: Side) {
    this.from = from;
    this.to = opposite[from];
  }

  /** A stanza arrives; undefined when it is one that has arrived before and is there already. */
  arrive(): number | undefined {
    const number = this.ledger.arrive();
    if (this.ledger.hadOf(number) !== Infinity) return number;
    this.ledger.resolve(number);
    return undefined;
  }

  /** A stanza that is not claimed goes on, behind what waits of its peer. */
  pass(number: number, arrival: Arrival, peer: () => string, deeds: Deeds): void {
    const { bytes } = arrival.part;
    if (this.lanes.isFree(peer)) return this.#leave(number, [bytes], true, deeds);
    this.lanes.add(this.#waiting(number, peer(), bytes, [bytes]));
    this.#hold(deeds);
  }

  /** A claimed stanza waits for its outcome. */
  wait(number: number, arrival: Arrival, peer: string, deeds: Deeds): WaitingStanza {
    const waiting = this.#waiting(number, peer, arrival.part.bytes, undefined);
    this.lanes.add(waiting);
    this.#hold(deeds);
    return waiting;
  }

  /** A stanza is swallowed. */
  swallow(number: number, deeds: Deeds): void {
    this.ledger.resolve(number);
    this.settle(deeds);
  }

  /** A stanza of nobody leaves. */
  add(bytes: Uint8Array, isKept: boolean, deeds: Deeds): void {
    this.ledger.leaveUnowned(isKept ? bytes : undefined);
    deeds.sendElement(this.to, bytes);
  }

  /** The end of the stream goes on behind all that waits; whether it has gone. */
  end(item: StreamPart | Signal, deeds: Deeds): boolean {
    const isAlone = this.lanes.isEmpty;
    this.lanes.add({ kind: 'end', item });
    this.advance(deeds);
    return isAlone;
  }

  /** What may leave now does. */
  advance(deeds: Deeds): void {
    for (const each of this.lanes.takeReady()) {
      if (each.kind === 'stanza') this.#leave(each.number, (each.outcome ?? []).slice(each.had), each.isDurable, deeds);
      else if ('bytes' in each.item) deeds.send(this.to, each.item);
      else deeds.signal(this.to, each.item);
    }
    if (this.#isHeld && !this.lanes.isFull) {
      this.#isHeld = false;
      deeds.do({ kind: 'release', side: this.from });
    }
    this.settle(deeds);
  }

  /** Says how many more of those that came from there are settled, if any are. */
  settle(deeds: Deeds): void {
    const count = this.ledger.settle();
    if (count > 0) deeds.signal(this.from, { kind: 'confirmed', count });
  }

  #leave(number: number, outcome: readonly Uint8Array[], isDurable: boolean, deeds: Deeds): void {
    for (const bytes of outcome) {
      this.ledger.leave(number);
      deeds.sendElement(this.to, bytes);
    }
    this.ledger.resolve(number, isDurable);
  }

  #hold(deeds: Deeds): void {
    if (this.#isHeld || !this.lanes.isFull) return;
    this.#isHeld = true;
    deeds.do({ kind: 'hold', side: this.from });
  }

  #waiting(number: number, peer: string, bytes: Uint8Array, outcome: readonly Uint8Array[] | undefined): WaitingStanza {
    const had = this.ledger.hadOf(number);
    return { kind: 'stanza', number, peer, size: bytes.length, had, outcome, isDurable: outcome !== undefined };
  }
}
