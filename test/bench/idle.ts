// What a connection that does nothing holds in memory.
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

import type { Measurement, Row } from './measurement.ts';
import { canMeasureProcesses, residentBytes } from './process-figures.ts';
import { Crowd } from './crowd.ts';
import type { Hops, Route } from './route.ts';
import { lackingForRoutes, openRoutes, routeNames, type RouteName } from './routes.ts';

/** How much is measured. */
export interface IdlePlan {
  readonly names: readonly RouteName[];
  /** Clients at the first and at the second reading. */
  readonly few: number;
  readonly many: number;
  /** Without any traffic before a reading. */
  readonly quietMs: number;
}

/** V8 waits 100 s for work, then gives back the memory that work had needed; a process of Node is idle only after that. */
const usualPlan: IdlePlan = {
  names: ['stunnel pair', 'gateway, ended', 'gateway, relayed'],
  few: 1000,
  many: 5000,
  quietMs: 120_000,
};

export async function measureIdle(_plan: unknown, plan = usualPlan): Promise<Measurement> {
  const { few, many, quietMs } = plan;
  const about = { name: 'idle', title: `Memory by idle connection (${few} to ${many} of them)` };
  const lacking = (await lackingForRoutes()) ?? lackingFor(many);
  if (lacking !== undefined) return { ...about, rows: [], footnotes: [`Not measured: ${lacking}.`] };
  const rows: Row[] = [];
  for (const name of plan.names) {
    if (!routeNames.includes(name)) continue;
    await using routes = await openRoutes([name]);
    for (const route of routes.all) rows.push(...(await measureRoute(route, plan)));
  }
  const footnotes = [
    `Resident memory of each process with ${many} clients logged in, less that with ${few}, divided by the ${many - few} between; each reading ` +
      `after ${quietMs / 1000} s without traffic. One run: no quartiles.`,
    'The clients speak plaintext; between proxy and gateway is SIMPP, between the stunnels TLS. The sessions are all of one account at one ' +
      'Prosody. What the kernel holds for sockets is not in it.',
  ];
  return { ...about, rows, footnotes };
}

function lackingFor(connections: number): string | undefined {
  if (!canMeasureProcesses) return 'this system has no /proc';
  // Each hop has two sockets for a connection. Node raises the soft limit to the hard one, for its children too.
  const needed = 2 * connections + 200;
  const limit = /^Max open files\s+\d+\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
  if (limit === 'unlimited' || Number(limit) >= needed) return undefined;
  return `${needed} open files are needed, the limit is ${limit} (ulimit -n)`;
}

async function measureRoute({ name, login, hops }: Route, { few, many, quietMs }: IdlePlan): Promise<Row[]> {
  using crowd = new Crowd(login);
  const readings: Memory[] = [];
  for (const size of [few, many]) {
    await crowd.grow(size);
    await wait(quietMs);
    readings.push(memoryOf(hops));
  }
  const [before, after] = readings;
  return Object.keys(hops).map((hop) => {
    const median = (after![hop]! - before![hop]!) / (many - few) / 1024;
    const spread = { lowerQuartile: median, median, upperQuartile: median };
    return { name: `${name}: ${hop}`, unit: 'KiB', spread, counted: 'resident memory by connection' };
  });
}

type Memory = Readonly<Record<string, number>>;

function memoryOf(hops: Hops): Memory {
  return Object.fromEntries(Object.entries(hops).map(([hop, pid]) => [hop, residentBytes(pid)]));
}
