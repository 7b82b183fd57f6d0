// What directories said lately, by bare JID. Bounded by bytes as well as by
// number: what a contact publishes is the contact's choice.
import type { Found } from './directory.ts';

/** How long an answer holds, in milliseconds. */
export const foundTtlMs = 10 * 60_000;
/** That somebody has no keys holds shorter: until it is asked again, what is said to them goes out in plain. */
export const noneTtlMs = 60_000;
/** A failure holds just so long that a burst of messages asks once. */
export const failedTtlMs = 10_000;

const maxEntries = 1000;
const maxBytes = 16 * 1024 * 1024;

interface Entry {
  readonly found: readonly Found[];
  readonly bytes: number;
  readonly untilMs: number;
}

export class FoundCache {
  /** Monotonic, in milliseconds. */
  readonly #now: () => number;
  /** Oldest first. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  get(jid: string): readonly Found[] | undefined {
    const entry = this.#entries.get(jid);
    if (entry === undefined || this.#now() < entry.untilMs) return entry?.found;
    this.delete(jid);
    return undefined;
  }

  set(jid: string, found: readonly Found[]): void {
    this.delete(jid);
    const ttlMs = ttlOf(found);
    const bytes = found.reduce((sum, each) => sum + sizeOf(each), 0);
    this.#entries.set(jid, { found, bytes, untilMs: this.#now() + ttlMs });
    this.#bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= maxEntries && this.#bytes <= maxBytes) break;
      this.delete(oldest);
    }
  }

  delete(jid: string): void {
    this.#bytes -= this.#entries.get(jid)?.bytes ?? 0;
    this.#entries.delete(jid);
  }
}

function ttlOf(found: readonly Found[]): number {
  if (found.some(({ kind }) => kind === 'failed')) return failedTtlMs;
  return found.some(({ kind }) => kind === 'bundle') ? foundTtlMs : noneTtlMs;
}

function sizeOf(found: Found): number {
  if (found.kind !== 'bundle') return 100;
  const { kuA, list, rollover, devices } = found.bundle;
  const parts = [
    kuA,
    list,
    rollover,
    ...devices.flatMap((device) => [device.certificate, device.prekey, device.tombstone]),
  ];
  return [...parts, ...found.waiting.map(({ certificate }) => certificate)].reduce(
    (sum, part) => sum + (part?.length ?? 0),
    100,
  );
}
