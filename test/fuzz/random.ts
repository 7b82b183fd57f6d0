// Randomness of the fuzz tests: seeded, so that a run can be repeated, and
// printed when something is found. SIMPP_FUZZ_MS is the time for each target.

/** How long each target is fuzzed, in milliseconds. */
export const budgetMs = Number(process.env['SIMPP_FUZZ_MS'] ?? 2000);
/** What all choices of a run follow from. */
export const seed = Number(process.env['SIMPP_FUZZ_SEED'] ?? Date.now() % 2 ** 32);

/** A whole number below `below`. */
export type Random = (below: number) => number;

/** Mulberry32: small, seeded, good enough to choose mutations. */
export function randomFrom(start: number): Random {
  let state = start;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}
