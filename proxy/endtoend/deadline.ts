// The time that one call to a directory has, spread over the requests it takes.

export class Deadline {
  readonly #atMs: number;

  constructor(ms: number) {
    this.#atMs = performance.now() + ms;
  }

  /** For the next request; one has at least a moment, so that it ends by itself. */
  get leftMs(): number {
    return Math.max(1, this.#atMs - performance.now());
  }
}
