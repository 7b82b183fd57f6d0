// Interleaved blocks: on a machine that others use as well, only what ran side by
// side can be compared. Each round runs one block of every contender, in an order
// of its own, and ratios are taken within a round.

/** What one block measured, by the figure's name. */
export type Figures = Readonly<Record<string, number>>;

export interface Contender {
  readonly name: string;
  /** Runs one block and gives its figures. */
  block(): Promise<Figures>;
}

/** Median and quartiles. */
export interface Spread {
  readonly lowerQuartile: number;
  readonly median: number;
  readonly upperQuartile: number;
}

/** The figures of all rounds, by contender. */
export class Results {
  readonly #rounds: ReadonlyMap<string, readonly Figures[]>;

  constructor(rounds: ReadonlyMap<string, readonly Figures[]>) {
    this.#rounds = rounds;
  }

  /** One figure of one contender, in the order of the rounds. */
  series(contender: string, figure: string): readonly number[] {
    const rounds = this.#rounds.get(contender);
    if (rounds === undefined) throw new RangeError(`no contender ${contender}`);
    return rounds.map((figures) => {
      const value = figures[figure];
      if (value === undefined) throw new RangeError(`${contender} has no figure ${figure}`);
      return value;
    });
  }
}

/** How blocks are run. */
export interface Plan {
  readonly rounds: number;
  /** In [0, 1). */
  random(): number;
  /** Runs before each block, so that none pays for what another left behind. */
  tidy(): Promise<void>;
}

/** Runs the rounds after one that does not count: it compiles the code and fills the caches. */
export async function interleave(contenders: readonly Contender[], { rounds, random, tidy }: Plan): Promise<Results> {
  const results = new Map<string, Figures[]>(contenders.map(({ name }) => [name, []]));
  if (results.size !== contenders.length) throw new RangeError('two contenders have one name');
  for (const { block } of contenders) await block();
  for (let round = 0; round < rounds; round++) {
    for (const { name, block } of shuffled(contenders, random)) {
      await tidy();
      results.get(name)?.push(await block());
    }
  }
  return new Results(results);
}

/** Each value divided by the one of the same round. */
export function ratios(over: readonly number[], under: readonly number[]): readonly number[] {
  if (over.length !== under.length) throw new RangeError('ratios need the same rounds on both sides');
  return over.map((value, round) => value / under[round]!);
}

/** Median and quartiles, interpolated between neighbours. */
export function spread(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('no values');
  const sorted = values.toSorted((a, b) => a - b);
  const at = (quantile: number): number => {
    const place = quantile * (sorted.length - 1);
    const below = sorted[Math.floor(place)]!;
    return below + (sorted[Math.ceil(place)]! - below) * (place % 1);
  };
  return { lowerQuartile: at(0.25), median: at(0.5), upperQuartile: at(0.75) };
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}
