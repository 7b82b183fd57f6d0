// What a connection that does nothing holds in memory.
import type { ScramKeys } from '../../proxy/sasl/scram-keys.ts';
import { setTimeout as wait } from 'node:timers/promises';
import { readFileSync } from 'node:fs';

import type { Plan } from './blocks.ts';
import type { Measurement, Row } from './measurement.ts';
import { canMeasureProcesses, residentBytes } from './process-figures.ts';
import { RawClient } from './raw-client.ts';
import type { Hops, Route } from './route.ts';
import { lackingForRoutes, openRoutes, routeNames, type RouteName } from './routes.ts';

const few = 1000;
const many = 5000;
/** A hop has two sockets for each connection. */
const filesNeeded = 2 * many + 200;
/** Logins at the same time. */
const atOnce = 16;

const settleMs = 60_000;
const lookMs = 1000;
/** So many looks in a row that change less than this are the end of it. */
const calmLooks = 8;
const calmBytes = 256 * 1024;

const measured: readonly RouteName[] = ['byte proxy', 'TLS pair', 'stunnel pair', 'gateway, ended', 'gateway, relayed'];

const footnotes = [
  `Resident memory of each process with ${many} clients logged in and idle, less that with ${few}, divided by the ${many - few} between. Each ` +
    'reading is taken once memory has come to rest. One run: no quartiles.',
  'The clients speak plaintext; between proxy and gateway is SIMPP. Prosody holds the sessions, all of one account. What the kernel holds for ' +
    'sockets is not in it.',
];

export async function measureIdle(_plan: Plan): Promise<Measurement> {
  const about = { name: 'idle', title: `Memory by idle connection (${few} to ${many} of them)` };
  const lacking = (await lackingForRoutes()) ?? lackingForMany();
  if (lacking !== undefined) return { ...about, rows: [], footnotes: [`Not measured: ${lacking}.`] };
  const rows: Row[] = [];
  for (const name of measured) {
    if (!routeNames.includes(name)) continue;
    await using routes = await openRoutes([name]);
    for (const route of routes.all) rows.push(...(await measureRoute(route)));
  }
  return { ...about, rows, footnotes };
}

function lackingForMany(): string | undefined {
  if (!canMeasureProcesses) return 'this system has no /proc';
  // Node raises the soft limit to the hard one when it starts, and so do its children.
  const limit = /^Max open files\s+\d+\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
  if (limit === 'unlimited' || Number(limit) >= filesNeeded) return undefined;
  return `${filesNeeded} open files are needed, the limit is ${limit} (ulimit -n)`;
}

async function measureRoute({ name, login, hops }: Route): Promise<Row[]> {
  const crowd = new Crowd(login);
  try {
    await crowd.grow(few);
    const before = await settled(hops);
    await crowd.grow(many);
    const after = await settled(hops);
    return Object.keys(hops).map((hop) => {
      const median = (after[hop]! - before[hop]!) / (many - few) / 1024;
      const spread = { lowerQuartile: median, median, upperQuartile: median };
      return { name: `${name}: ${hop}`, unit: 'KiB', spread, counted: 'resident memory by connection' };
    });
  } finally {
    crowd.close();
  }
}

/** Clients that log in and say nothing more. */
class Crowd {
  readonly #login: Route['login'];
  readonly #clients: RawClient[] = [];
  #keys: ScramKeys | undefined;

  constructor(login: Route['login']) {
    this.#login = login;
  }

  /** Logs in until there are so many. */
  async grow(size: number): Promise<void> {
    let started = this.#clients.length;
    const lane = async (): Promise<void> => {
      while (started++ < size) {
        const client = await RawClient.logIn(this.#login, this.#keys);
        this.#keys = client.keys;
        this.#clients.push(client);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, lane));
  }

  close(): void {
    for (const client of this.#clients) client.close();
  }
}

type Memory = Readonly<Record<string, number>>;

function memoryOf(hops: Hops): Memory {
  return Object.fromEntries(Object.entries(hops).map(([hop, pid]) => [hop, residentBytes(pid)]));
}

/** The memory of each process when it has stopped changing: garbage is collected some time after the work. */
async function settled(hops: Hops): Promise<Memory> {
  let last = memoryOf(hops);
  let calm = 0;
  for (let waited = 0; waited < settleMs && calm < calmLooks; waited += lookMs) {
    await wait(lookMs);
    const now = memoryOf(hops);
    const isCalm = Object.keys(now).every((hop) => Math.abs(now[hop]! - last[hop]!) < calmBytes);
    calm = isCalm ? calm + 1 : 0;
    last = now;
  }
  return last;
}
