// What a process of the path has used: CPU time and memory, as the kernel counts
// them in /proc (proc(5)); Linux only.
import { existsSync, readdirSync, readFileSync } from 'node:fs';

import type { Figures } from './blocks.ts';
import type { Hops } from './route.ts';

/** Whether this system tells. */
export const canMeasureProcesses = existsSync('/proc/self/stat');

/** What proc(5) counts CPU time in: USER_HZ, which is 100 wherever Linux runs. */
const microsPerTick = 10_000;

/** CPU microseconds of a process since its start, in all threads, in user and kernel mode. */
export function cpuMicros(pid: number): number {
  // As exact as the scheduler's own account, where the kernel keeps one; ticks of 10 ms where it does not.
  if (!existsSync(`/proc/${pid}/schedstat`)) return ticks(pid) * microsPerTick;
  let nanos = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    nanos += threadNanos(pid, thread);
  }
  return nanos / 1000;
}

/** Stunnel has a thread for each connection: one may end while it is being looked at. */
function threadNanos(pid: number, thread: string): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')[0]);
  } catch {
    return 0;
  }
}

/** utime + stime. */
function ticks(pid: number): number {
  const line = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The name of the program, in parentheses, may hold anything; utime and stime are fields 14 and 15.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** From now on: gives the CPU microseconds of one operation in each process, as figures named by `cpuFigure`. */
export function watchCpu(hops: Hops): (operations: number) => Figures {
  const begun = Object.entries(hops).map(([hop, pid]) => ({ hop, pid, before: cpuMicros(pid) }));
  return (operations) =>
    Object.fromEntries(
      begun.map(({ hop, pid, before }) => [cpuFigure(hop), (cpuMicros(pid) - before) / operations] as const),
    );
}

/** Name of the figure for the CPU of a process. */
export const cpuFigure = (hop: string): string => `CPU of ${hop}`;

/** Resident memory of a process in bytes. */
export function residentBytes(pid: number): number {
  const kibibytes = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  if (kibibytes === undefined) throw new Error(`process ${pid} has ended`);
  return Number(kibibytes) * 1024;
}
