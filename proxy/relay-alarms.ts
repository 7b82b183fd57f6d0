// The clocks of a relay's stages: each has one, and setting it anew replaces it.

export class Alarms {
  readonly #timers = new Map<number, NodeJS.Timeout>();

  /** Rings for the stage at this place after this time. */
  set(place: number, afterMs: number, ring: () => void): void {
    clearTimeout(this.#timers.get(place));
    this.#timers.set(place, setTimeout(ring, afterMs));
  }

  /** None rings any more. */
  clear(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }
}
