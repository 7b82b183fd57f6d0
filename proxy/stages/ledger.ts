// Who owes what in one direction, past a stage that adds and swallows stanzas.
// Stanzas arrive; each becomes any number of stanzas that leave, at once or
// later and out of order, and others leave that belong to nobody. Those that
// left are confirmed oldest first; of those that arrived, a beginning is settled:
// all of it is resolved, on the disk, and confirmed (transparency.md §3.6).
import { SimppError } from '../../shared/errors.ts';

/** Consecutive stanzas that left, one for each arrival from `first` on, or for nobody. */
interface Run {
  first: number | undefined;
  count: number;
  readonly kept: Uint8Array | undefined;
}

/** An arrival of which not all is as usual: one stanza for it has left, and that was all. */
interface Open {
  left: number;
  isResolved: boolean;
  isDurable: boolean;
}

/** What a ledger would say if some more were confirmed. */
export interface Outlook {
  /** Arrivals from the beginning on that would be settled. */
  readonly settled: number;
  /** Of later arrivals: how many of their stanzas would be confirmed; Infinity when that is all there is to them. */
  readonly had: ReadonlyMap<number, number>;
  /** Stanzas of nobody that would not be confirmed. */
  readonly kept: readonly Uint8Array[];
}

const usual: Readonly<Open> = { left: 1, isResolved: true, isDurable: true };

export class Ledger {
  #arrived = 0;
  #settled = 0;
  #left = 0;
  #confirmed = 0;
  readonly #runs: Run[] = [];
  readonly #open = new Map<number, Open>();
  /** Of arrivals, some still to come: how many of their stanzas were confirmed in a ledger before this one. */
  readonly #had = new Map<number, number>();

  /** How many have arrived: the number of the next one. */
  get arrived(): number {
    return this.#arrived;
  }

  /** How many have left. */
  get left(): number {
    return this.#left;
  }

  /** How many of those are confirmed. */
  get confirmed(): number {
    return this.#confirmed;
  }

  /** What comes now was confirmed in part, counted from 0, in the ledger before this one. */
  goOn(had: Outlook['had']): void {
    for (const [offset, count] of had) this.#had.set(this.#arrived + offset, count);
  }

  /** How many stanzas of this arrival were confirmed before; Infinity when that was all of it. */
  hadOf(number: number): number {
    return this.#had.get(number) ?? 0;
  }

  /** One arrives; its number. */
  arrive(): number {
    this.#open.set(this.#arrived, { left: 0, isResolved: false, isDurable: false });
    return this.#arrived++;
  }

  /** One arrives and leaves as it is. */
  pass(): void {
    this.#append(this.#arrived++, undefined);
  }

  /** One leaves for this arrival. */
  leave(owner: number): void {
    const open = this.#open.get(owner);
    if (open !== undefined) open.left++;
    this.#append(owner, undefined);
  }

  /** One leaves for nobody; its bytes are kept until it is confirmed, if they are given. */
  leaveUnowned(kept?: Uint8Array): void {
    this.#append(undefined, kept);
  }

  /** Nothing more leaves for this arrival. */
  resolve(number: number, isDurable = true): void {
    const open = this.#open.get(number);
    if (open === undefined) return;
    open.isResolved = true;
    open.isDurable ||= isDurable;
    this.#close(number, open);
  }

  /** What this arrival brought is on the disk. */
  endure(number: number): void {
    const open = this.#open.get(number);
    if (open === undefined) return;
    open.isDurable = true;
    this.#close(number, open);
  }

  /** This many further ones of those that left are confirmed; throws SimppError when not so many have left. */
  confirm(count: number): void {
    if (count > this.#left - this.#confirmed) throw new SimppError('internal', 'More was confirmed than has left.');
    this.#confirmed += count;
    drop(this.#runs, count);
  }

  /** How many further arrivals are settled since the last time. */
  settle(): number {
    let settled = this.#arrived;
    for (const { first } of this.#runs) if (first !== undefined && first < settled) settled = first;
    for (const [number, { isResolved, isDurable }] of this.#open) {
      if (number < settled && !(isResolved && isDurable)) settled = number;
    }
    for (const number of this.#open.keys()) if (number < settled) this.#open.delete(number);
    for (const number of this.#had.keys()) if (number < settled) this.#had.delete(number);
    const further = settled - this.#settled;
    this.#settled = settled;
    return further;
  }

  /** What would be if so many further ones were confirmed; undefined when not so many have left. */
  outlook(count: number): Outlook | undefined {
    if (count > this.#left - this.#confirmed) return undefined;
    const runs = this.#runs.map((run) => ({ ...run }));
    drop(runs, count);
    const awaited = new Map<number, number>();
    for (const { first, count: length } of runs) {
      if (first === undefined) continue;
      for (let owner = first; owner < first + length; owner++) awaited.set(owner, (awaited.get(owner) ?? 0) + 1);
    }
    let settled = this.#settled;
    const had = new Map<number, number>();
    for (const [number, count] of this.#had) if (number >= this.#arrived) had.set(number, count);
    for (let number = settled; number < this.#arrived; number++) {
      const { left, isResolved, isDurable } = this.#open.get(number) ?? usual;
      const missing = awaited.get(number) ?? 0;
      const isAll = isResolved && isDurable && missing === 0;
      if (isAll && number === settled) settled++;
      else if (isAll) had.set(number, Infinity);
      else if (left - missing + this.hadOf(number) > 0) had.set(number, left - missing + this.hadOf(number));
    }
    return { settled, had, kept: runs.flatMap(({ kept }) => kept ?? []) };
  }

  #append(owner: number | undefined, kept: Uint8Array | undefined): void {
    this.#left++;
    const last = this.#runs.at(-1);
    if (last !== undefined && owner !== undefined && last.first !== undefined && owner === last.first + last.count) {
      last.count++;
    } else this.#runs.push({ first: owner, count: 1, kept });
  }

  /** Most become one stanza: nothing of them needs to be remembered. */
  #close(number: number, { left, isResolved, isDurable }: Open): void {
    if (left === 1 && isResolved && isDurable) this.#open.delete(number);
  }
}

/** Takes this many from the beginning. */
function drop(runs: Run[], count: number): void {
  let rest = count;
  let whole = 0;
  for (const run of runs) {
    const taken = Math.min(rest, run.count);
    if (taken === 0) break;
    rest -= taken;
    run.count -= taken;
    if (run.first !== undefined) run.first += taken;
    if (run.count === 0) whole++;
  }
  runs.splice(0, whole);
}
