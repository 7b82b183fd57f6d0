// Token buckets by key, in bounded memory: what a stranger may do often, but
// not endlessly. A key that has been quiet long enough is as good as unknown,
// so forgetting the one unused for longest costs nothing but precision.

/** How much each key may do. */
export interface BucketLimits {
  /** Tokens of a full bucket: what may happen at once. */
  readonly capacity: number;
  readonly refillPerSecond: number;
  /** Keys that are remembered. */
  readonly maxKeys: number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

/** One bucket for each key. */
export class Buckets {
  readonly #limits: BucketLimits;
  /** Milliseconds of a clock that only goes forward. */
  readonly #clockMs: () => number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(limits: BucketLimits, clockMs: () => number) {
    this.#limits = limits;
    this.#clockMs = clockMs;
  }

  /** Takes a token; false when there is none. */
  take(key: string): boolean {
    const bucket = this.#refilled(key);
    const hasToken = bucket.tokens >= 1;
    if (hasToken) bucket.tokens -= 1;
    // Taken out and put back, so that the first in the map is the one unused for longest.
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    for (const oldest of this.#buckets.keys()) {
      if (this.#buckets.size <= this.#limits.maxKeys) break;
      this.#buckets.delete(oldest);
    }
    return hasToken;
  }

  /** Puts back a token that was taken; a key that was forgotten since is full anyway. */
  giveBack(key: string): void {
    if (!this.#buckets.has(key)) return;
    const bucket = this.#refilled(key);
    bucket.tokens = Math.min(this.#limits.capacity, bucket.tokens + 1);
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  #refilled(key: string): Bucket {
    const { capacity, refillPerSecond } = this.#limits;
    const nowMs = this.#clockMs();
    const known = this.#buckets.get(key);
    if (known === undefined) return { tokens: capacity, atMs: nowMs };
    known.tokens = Math.min(capacity, known.tokens + ((nowMs - known.atMs) / 1000) * refillPerSecond);
    known.atMs = nowMs;
    return known;
  }
}
