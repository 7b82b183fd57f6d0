// Time that was used, by the part that used it.
import type { Figures } from './blocks.ts';

export interface Clock {
  /** CPU time of this process in all its threads, with what the kernel did for it. */
  cpuMicros(): number;
  wallMicros(): number;
}

export const systemClock: Clock = {
  cpuMicros() {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  wallMicros: () => performance.now() * 1000,
};

/** Adds up the CPU time of each part of a block. */
export class Stopwatch {
  readonly #clock: Clock;
  readonly #micros = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs `work` on the account of `part`. */
  async time<T>(part: string, work: () => T | Promise<T>): Promise<T> {
    const begun = this.#clock.cpuMicros();
    const result = await work();
    this.#micros.set(part, (this.#micros.get(part) ?? 0) + this.#clock.cpuMicros() - begun);
    return result;
  }

  /** CPU microseconds of one operation, by part. */
  perOperation(operations: number): Figures {
    return Object.fromEntries([...this.#micros].map(([part, micros]) => [part, micros / operations]));
  }
}
