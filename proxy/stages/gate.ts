// What comes from the server while the client is not yet to hear that its
// session stands: it waits, in order, until the account's keys are published
// (transparency.md §5.3).
import type { Deeds } from './deeds.ts';

type Act = (deeds: Deeds) => void;

/** Beyond either bound the server is read no further. */
const most = { acts: 500, bytes: 1024 * 1024 } as const;

export class Gate {
  #waiting: Act[] | undefined;
  #bytes = 0;
  #isHeld = false;

  get isClosed(): boolean {
    return this.#waiting !== undefined;
  }

  close(): void {
    this.#waiting ??= [];
  }

  /** Does it at once, or when the gate opens. */
  pass(size: number, deeds: Deeds, act: Act): void {
    if (this.#waiting === undefined) return act(deeds);
    this.#waiting.push(act);
    this.#bytes += size;
    if (this.#isHeld || (this.#waiting.length < most.acts && this.#bytes < most.bytes)) return;
    this.#isHeld = true;
    deeds.do({ kind: 'hold', side: 'server' });
  }

  open(deeds: Deeds): void {
    const acts = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const act of acts) act(deeds);
    if (!this.#isHeld) return;
    this.#isHeld = false;
    deeds.do({ kind: 'release', side: 'server' });
  }
}
