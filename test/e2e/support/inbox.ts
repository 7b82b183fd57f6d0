// What a driven program said, in order, and waiting for it without sleeps: a
// waiter is woken by the item it waits for, or fails at its deadline with what
// came instead.

const defaultTimeoutMs = 15_000;
const shownItems = 12;

interface Waiter<Item> {
  readonly wanted: (item: Item) => boolean;
  readonly what: string;
  readonly resolve: (item: Item) => void;
  readonly reject: (reason: Error) => void;
}

export class Inbox<Item> {
  /** Everything that ever came, also what was taken. */
  readonly all: Item[] = [];
  readonly #waiting: Item[] = [];
  readonly #waiters = new Set<Waiter<Item>>();
  #closed: string | undefined;

  put(item: Item): void {
    this.all.push(item);
    for (const waiter of this.#waiters) {
      if (!waiter.wanted(item)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(item);
      return;
    }
    this.#waiting.push(item);
  }

  /** Nothing more will come: waiters fail at once with this reason. */
  close(reason: string): void {
    this.#closed ??= reason;
    for (const waiter of this.#waiters) waiter.reject(this.#failure(waiter.what, this.#closed));
  }

  /** The first item that fits and was not taken before, now or when it comes. */
  async take<Wanted extends Item>(
    wanted: ((item: Item) => item is Wanted) | ((item: Item) => boolean),
    what: string,
    timeoutMs = defaultTimeoutMs,
  ): Promise<Wanted> {
    const index = this.#waiting.findIndex(wanted);
    // The predicate has just held for it.
    if (index >= 0) return this.#waiting.splice(index, 1)[0] as Wanted;
    if (this.#closed !== undefined) throw this.#failure(what, this.#closed);
    const { promise, resolve, reject } = Promise.withResolvers<Item>();
    const waiter = { wanted, what, resolve, reject };
    this.#waiters.add(waiter);
    const timer = setTimeout(() => reject(this.#failure(what, `not within ${timeoutMs} ms`)), timeoutMs);
    try {
      return (await promise) as Wanted;
    } finally {
      clearTimeout(timer);
      this.#waiters.delete(waiter);
    }
  }

  #failure(what: string, why: string): Error {
    const last = this.all.slice(-shownItems).map((item) => JSON.stringify(item));
    return new Error(`waited for ${what}: ${why}; the last that came:\n  ${last.join('\n  ') || '(nothing)'}`);
  }
}
