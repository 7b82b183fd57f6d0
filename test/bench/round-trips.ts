// What a person waits for: the first message after connecting, and every other.
import type { ScramKeys } from '../../proxy/sasl/scram-keys.ts';
import { interleave, type Contender, type Plan } from './blocks.ts';
import { Rows, type Measurement } from './measurement.ts';
import { bob } from './people.ts';
import { RawClient, type Login } from './raw-client.ts';
import { canMeasureProcesses, cpuFigure, watchCpu } from './process-figures.ts';
import type { Hops, Route } from './route.ts';
import {
  baselinesOf,
  lackingForRoutes,
  openRoutes,
  routeFootnotes,
  routeNames,
  simppRoutes,
  type RouteName,
} from './routes.ts';
import { addSplit, splitContenders } from './split.ts';
import { systemClock } from './stopwatch.ts';

const sessionsPerBlock = 3;
const messagesPerBlock = 100;
/** V8 compiles what is used often: its last stage begins after some thousand calls. */
const messagesBefore = 1500;

/** What an encrypted round trip is split by. */
const splitNames = ['direct', 'both sides', 'both sides, encrypted'] as const satisfies readonly RouteName[];

const footnotes = [
  ...routeFootnotes,
  `steady: one message there and back on a session that stands and has carried ${messagesBefore}; only the path of alice differs. first: from connect() to the echo of the first ` +
    'message, with stream, SCRAM-SHA-1 (keys kept, no PBKDF2 at the client) and bind; through SIMPP also the handshake S1–S3, and where the ' +
    'login is ended a second one, of the proxy at Prosody.',
  'split: what an encrypted round trip is made of, each part measured in the same rounds: two messages sealed and opened and four commits, as the ' +
    'proxies do them, in one process; the rest is the difference, and noise may make it negative.',
  'Ratios above 1 say how many times longer it takes, round by round.',
];

export async function measureRoundTrips(plan: Plan, names: readonly RouteName[] = routeNames): Promise<Measurement> {
  const about = { name: 'roundtrip', title: `Round trips of a message (wall time, ${plan.rounds} blocks)` };
  const lacking = await lackingForRoutes();
  if (lacking !== undefined) return { ...about, rows: [], footnotes: [`Not measured: ${lacking}.`] };
  await using routes = await openRoutes(names);
  await using echoes = new AsyncDisposableStack();
  const echo = await openEcho(echoes, { ...routes.server, ...bob });
  const trips: Trips[] = [];
  for (const route of routes.all) {
    const { farSide, login } = route;
    trips.push(new Trips(route, farSide === undefined ? echo : await openEcho(echoes, farSide.login)));
    if (farSide === undefined) continue;
    const near = await RawClient.logIn(login);
    await farSide.ready();
    near.close();
  }
  const steady: Contender[] = [];
  for (const trip of trips) steady.push(await trip.steady());
  const isSplit = splitNames.every((name) => names.includes(name));
  const split = isSplit ? await splitContenders(echoes) : [];
  const rows = new Rows(await interleave([...trips.map((trip) => trip.first()), ...steady, ...split], plan));
  for (const trip of trips) trip.close();

  const kinds = { steady: 'message and echo', first: 'connect, login, message, echo' } as const;
  for (const [kind, counted] of Object.entries(kinds)) {
    for (const name of names) {
      rows.add(`${kind}, ${name}`, 'ms', [`${kind}, ${name}`, 'micros'], (micros) => micros / 1000, counted);
    }
    const compare = (over: string, under: string): void => {
      const [ours, theirs] = [`${kind}, ${over}`, `${kind}, ${under}`] as const;
      rows.addRatio(`${kind}, ${over} ÷ ${under}`, [ours, 'micros'], [theirs, 'micros'], 'times');
    };
    for (const name of names) {
      for (const under of baselinesOf(name).filter((each) => names.includes(each))) compare(name, under);
    }
    for (const pair of ['TLS pair', 'stunnel pair'] as const) {
      if (names.includes(pair))
        for (const name of simppRoutes.filter((each) => names.includes(each))) compare(name, pair);
    }
  }
  for (const { name, hops } of routes.all) {
    for (const hop of canMeasureProcesses ? Object.keys(hops) : []) {
      const source = [`steady, ${name}`, cpuFigure(hop)] as const;
      rows.add(`steady, ${name}: ${hop}`, 'µs', source, (micros) => micros, 'CPU by round trip');
    }
  }
  const [direct, plain, encrypted] = splitNames.map((name) => `steady, ${name}`);
  if (isSplit) addSplit(rows, direct!, plain!, encrypted!);
  return { ...about, rows: rows.rows, footnotes };
}

/** Logs in who sends everything back, until the stack is disposed of; the full JID. */
async function openEcho(stack: AsyncDisposableStack, login: Login): Promise<string> {
  const client = await RawClient.logIn(login);
  const echoing = client.echo().catch(() => undefined); // it ends with its connection
  stack.defer(async () => {
    client.close();
    await echoing;
  });
  return client.jid;
}

/** One path, and alice on it. */
class Trips {
  readonly #route: Route;
  readonly #hops: Hops;
  readonly #echo: string;
  #keys: ScramKeys | undefined;
  #standing: RawClient | undefined;
  #sent = 0;

  constructor(route: Route, echo: string) {
    this.#route = route;
    this.#hops = canMeasureProcesses ? route.hops : {};
    this.#echo = echo;
  }

  /** Sessions that end after their first message. */
  first(): Contender {
    return this.#contender('first', sessionsPerBlock, async () => {
      const client = await this.#logIn();
      await this.#message(client);
      client.close();
    });
  }

  /** Messages on one session, which has been used for some time. */
  async steady(): Promise<Contender> {
    const client = await this.#logIn();
    this.#standing = client;
    for (let sent = 0; sent < messagesBefore; sent++) await this.#message(client);
    return this.#contender('steady', messagesPerBlock, () => this.#message(client));
  }

  close(): void {
    this.#standing?.close();
  }

  async #logIn(): Promise<RawClient> {
    const client = await RawClient.logIn(this.#route.login, this.#keys);
    this.#keys = client.keys;
    return client;
  }

  async #message(client: RawClient): Promise<void> {
    await client.roundTrip(this.#echo, `message-${++this.#sent}-`);
  }

  /** Blocks of operations one after the other. */
  #contender(kind: string, operations: number, operation: () => Promise<void>): Contender {
    return {
      name: `${kind}, ${this.#route.name}`,
      block: async () => {
        const used = watchCpu(this.#hops);
        const begun = systemClock.wallMicros();
        for (let done = 0; done < operations; done++) await operation();
        return { micros: (systemClock.wallMicros() - begun) / operations, ...used(operations) };
      },
    };
  }
}
