// What one step of the end-to-end stage wants done, said by where it goes and
// not by where what came was going. The errands come last: the engine may
// answer at once, and what it says then follows all that this step lets leave.
import type { StreamPart } from '../../shared/xml/scanner.ts';
import type { Side } from '../relay-end.ts';
import type { Errand } from './errand.ts';
import type { Signal } from './signal.ts';
import type { Effect } from './stage.ts';

export class Deeds {
  readonly #from: Side;
  readonly #effects: Effect[] = [];
  readonly #errands: Effect[] = [];

  /** In a step about something that comes from this side. */
  constructor(from: Side) {
    this.#from = from;
  }

  /** All of them, in their order. */
  get effects(): readonly Effect[] {
    return [...this.#effects, ...this.#errands];
  }

  do(effect: Effect): void {
    this.#effects.push(effect);
  }

  errand(errand: Errand): void {
    this.#errands.push({ kind: 'errand', errand });
  }

  signal(to: Side, signal: Signal): void {
    this.do({ kind: 'signal', to, signal });
  }

  /** A part leaves towards this side. */
  send(to: Side, part: StreamPart): void {
    if (to !== this.#from) this.do({ kind: 'pass', part });
    else if (part.kind === 'footer' && to === 'server') this.do({ kind: 'close', bytes: part.bytes });
    else this.do({ kind: 'reply', bytes: part.bytes });
  }

  sendElement(to: Side, bytes: Uint8Array): void {
    this.send(to, { kind: 'element', bytes });
  }
}
