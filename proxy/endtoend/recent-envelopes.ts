// Envelopes that are worth nothing later and stand in no archive: who writes,
// and control messages. Their copies still come within moments.
const maxKept = 1000;

export class RecentEnvelopes {
  readonly #kept = new Map<string, Uint8Array>();

  get(digest: string): Uint8Array | undefined {
    return this.#kept.get(digest);
  }

  put(digest: string, envelope: Uint8Array): void {
    this.#kept.set(digest, envelope);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > maxKept && oldest !== undefined) this.#kept.delete(oldest);
  }
}
