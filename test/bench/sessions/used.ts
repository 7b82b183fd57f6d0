// What a block used: CPU time of the whole process, in all its threads, and the
// time that passed. A library that works in threads of its own hides nothing.
import type { Figures } from '../blocks.ts';
import { systemClock } from '../stopwatch.ts';

/** Microseconds of one operation, `cpu` and `wall`. */
export async function used(operations: number, work: () => void | Promise<void>): Promise<Figures> {
  const cpu = systemClock.cpuMicros();
  const wall = systemClock.wallMicros();
  await work();
  return {
    cpu: (systemClock.cpuMicros() - cpu) / operations,
    wall: (systemClock.wallMicros() - wall) / operations,
  };
}
