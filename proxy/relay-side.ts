// One side of a relay: its leg of the moment, the bindings of its stream, and
// the reasons for which nothing is read from it.
import type { StreamPart } from '../shared/xml/scanner.ts';
import { rebinding } from '../shared/xml/rebind.ts';
import { noBindings, type Bindings } from '../shared/xml/tag.ts';
import type { Leg } from './leg.ts';
import { isStreamError } from './stream-error-part.ts';

/** A stage, by its place; a job; `drain`: the other leg is full; `own-drain`: a reply has filled the side's own leg. */
export type HoldReason = number | 'job' | 'drain' | 'own-drain';

export class RelaySide {
  leg: Leg;
  /** The bindings that the present header made; undefined until it has come. */
  scope: Bindings | undefined;
  /** What of the end of its stream has gone on. */
  #said: 'nothing' | 'error' | 'close' = 'nothing';
  readonly #holds = new Set<HoldReason>();
  #rebind: ((element: Uint8Array) => Uint8Array) | undefined;

  constructor(leg: Leg) {
    this.leg = leg;
  }

  /** Its `</stream:stream>` has gone on. */
  get isClosed(): boolean {
    return this.#said === 'close';
  }

  /** Its stream is over: it has closed it, or an error has gone on, which ends it as well (RFC 6120 §4.9.1.1). */
  get isOver(): boolean {
    return this.#said !== 'nothing';
  }

  /** Whether a part may go on behind what has: nothing follows a close (RFC 6120 §4.4), only a close an error. */
  mayPass(part: StreamPart): boolean {
    return this.#said === 'nothing' || (this.#said === 'error' && part.kind === 'footer');
  }

  /** A part has gone on. */
  passed(part: StreamPart): void {
    if (part.kind === 'footer') this.#said = 'close';
    else if (isStreamError(part, this.scope ?? noBindings)) this.#said = 'error';
  }

  /** What it has said of its end has reached nobody, and will be said again. */
  reopen(): void {
    this.#said = 'nothing';
  }

  get isHeld(): boolean {
    return this.#holds.size > 0;
  }

  hold(reason: HoldReason): undefined {
    this.#holds.add(reason);
    this.leg.pause();
  }

  release(reason: HoldReason): undefined {
    if (this.#holds.delete(reason) && this.#holds.size === 0) this.leg.resume();
  }

  isHeldBy(reason: HoldReason): boolean {
    return this.#holds.has(reason);
  }

  /** Whether it is held for another reason than this one. */
  isHeldBesides(reason: HoldReason): boolean {
    return this.#holds.size > (this.#holds.has(reason) ? 1 : 0);
  }

  /** Drops the connection, whose end is then heard like any other. */
  cut(): undefined {
    this.leg.destroy();
  }

  restart(): void {
    this.leg.restart();
    this.scope = undefined;
  }

  /** Goes on over another connection, whose header made these bindings; the other side has seen the first ones. */
  replace(leg: Leg, bindings: Bindings): void {
    this.leg = leg;
    if (this.isHeld) leg.pause();
    if (this.scope !== undefined) this.#rebind = rebinding(bindings, this.scope);
  }

  /** A part as it means the same under the bindings that the other side has seen. */
  translated(part: StreamPart): StreamPart {
    if (this.#rebind === undefined || part.kind !== 'element') return part;
    return { kind: 'element', bytes: this.#rebind(part.bytes) };
  }
}
