// What a measurement hands to the report.
import { ratios, spread, type Results, type Spread } from './blocks.ts';

export interface Row {
  readonly name: string;
  readonly unit: string;
  readonly spread: Spread;
  readonly counted: string;
}

export interface Measurement {
  readonly name: string;
  readonly title: string;
  readonly rows: readonly Row[];
  readonly footnotes: readonly string[];
}

/** One figure of one contender. */
export type Source = readonly [contender: string, figure: string];

/** Rows made from the figures of one run. */
export class Rows {
  readonly rows: Row[] = [];
  readonly #results: Results;

  constructor(results: Results) {
    this.#results = results;
  }

  /** A figure itself, converted; `counted` says what it holds. */
  add(name: string, unit: string, source: Source, convert: (value: number) => number, counted: string): this {
    return this.#put(name, unit, this.#results.series(...source).map(convert), counted);
  }

  /** How many times `over` goes into what `under` takes, round by round. */
  addRatio(name: string, over: Source, under: Source, counted: string): this {
    const quotients = ratios(this.#results.series(...over), this.#results.series(...under));
    return this.#put(name, '×', quotients, counted);
  }

  /** What `more` takes beyond `less`, round by round, converted; noise may make it negative. */
  addDifference(
    name: string,
    unit: string,
    [more, ...less]: readonly [Source, ...Source[]],
    convert: (value: number) => number,
    counted: string,
  ): this {
    const others = less.map((source) => this.#results.series(...source));
    const left = this.#results
      .series(...more)
      .map((value, round) => others.reduce((rest, other) => rest - other[round]!, value));
    return this.#put(name, unit, left.map(convert), counted);
  }

  #put(name: string, unit: string, values: readonly number[], counted: string): this {
    this.rows.push({ name, unit, spread: spread(values), counted });
    return this;
  }
}
