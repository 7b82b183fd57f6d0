// From what B offers to a session on both sides, whoever's protocol it is.
import type { Figures } from '../blocks.ts';
import { used } from './used.ts';

export interface SetUp<Offer, First> {
  /** B makes its keys, and what a directory gives of them. */
  offer(): Promise<Offer>;
  /** A reads that, begins, and seals a first message. */
  begin(offer: Offer): Promise<First>;
  /** B opens it, and has the session. */
  accept(first: First, offer: Offer): Promise<void>;
}

/** Figures of each step, and of `both`: what A and B do once the offer is there. */
export async function setUps<O, F>({ offer, begin, accept }: SetUp<O, F>, times: number): Promise<Figures> {
  const offers: O[] = [];
  const firsts: F[] = [];
  const offering = await used(times, async () => {
    for (let made = 0; made < times; made++) offers.push(await offer());
  });
  const beginning = await used(times, async () => {
    for (const made of offers) firsts.push(await begin(made));
  });
  const accepting = await used(times, async () => {
    for (const [at, first] of firsts.entries()) await accept(first, offers[at]!);
  });
  const both = (figure: 'cpu' | 'wall'): number => beginning[figure]! + accepting[figure]!;
  return {
    ...named('offer', offering),
    ...named('A', beginning),
    ...named('B', accepting),
    cpu: both('cpu'),
    wall: both('wall'),
  };
}

const named = (step: string, { cpu = 0, wall = 0 }: Figures): Figures => ({
  [`${step}, cpu`]: cpu,
  [`${step}, wall`]: wall,
});
