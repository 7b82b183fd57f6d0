// How many messages a second go along a path when one side sends as fast as it
// can, and what each process of the path takes for one.
import { interleave, type Contender, type Figures, type Plan } from './blocks.ts';
import { Rows, type Measurement } from './measurement.ts';
import { message } from './message.ts';
import { bob } from './people.ts';
import { canMeasureProcesses, cpuFigure, watchCpu } from './process-figures.ts';
import { RawClient } from './raw-client.ts';
import type { Hops, Route } from './route.ts';
import { baselinesOf, lackingForRoutes, oneSidedRoutes, openRoutes, routeFootnotes, type RouteName } from './routes.ts';
import { systemClock } from './stopwatch.ts';

const messagesPerFlood = 3000;
const directions = ['up', 'down'] as const;

type Direction = (typeof directions)[number];

const footnotes = [
  ...routeFootnotes,
  `A flood is ${messagesPerFlood} messages of about 200 bytes, written at once; its end is the arrival of the last. up: from alice, on the ` +
    'path, to bob. down: from bob to alice. Prosody is the limit: the ratio says what the path takes away from it, most of all where two ' +
    'cores are shared by all.',
  canMeasureProcesses
    ? 'CPU: user and kernel time of each process of the path during the flood, from /proc, by message. Prosody sends each message on its own ' +
      'when it is not behind, so the way down has smaller pieces, and more of them.'
    : 'CPU is not measured: this system has no /proc.',
];

export async function measureFloods(plan: Plan, names: readonly RouteName[] = oneSidedRoutes): Promise<Measurement> {
  const about = { name: 'flood', title: `Floods of messages (${plan.rounds} blocks of ${messagesPerFlood})` };
  const lacking = await lackingForRoutes();
  if (lacking !== undefined) return { ...about, rows: [], footnotes: [`Not measured: ${lacking}.`] };
  await using routes = await openRoutes(names);
  const far = await RawClient.logIn({ ...routes.server, ...bob });
  const floods: Flood[] = [];
  for (const route of routes.all) {
    const near = await RawClient.logIn(route.login);
    const hops = canMeasureProcesses ? { ...route.hops, Prosody: routes.server.pid } : {};
    for (const direction of directions) floods.push(new Flood(route, direction, { near, far }, hops));
  }
  const rows = new Rows(await interleave(floods, plan));
  for (const flood of floods) flood.close();
  far.close();

  for (const direction of directions) {
    const all = floods.filter((flood) => flood.direction === direction);
    for (const { name } of all) {
      rows.add(name, '/s', [name, 'micros'], (micros) => 1e6 / micros, 'messages sent and received');
    }
    for (const { name, route } of all) {
      for (const under of baselinesOf(route).filter((each) => names.includes(each))) {
        rows.addRatio(`${name} ÷ ${under}`, [`${direction}, ${under}`, 'micros'], [name, 'micros'], 'rates');
      }
    }
    for (const { name, hops } of all) {
      for (const hop of Object.keys(hops)) {
        rows.add(`${name}: ${hop}`, 'µs', [name, cpuFigure(hop)], (micros) => micros, 'CPU by message');
      }
    }
  }
  return { ...about, rows: rows.rows, footnotes };
}

interface Ends {
  /** On the path. */
  readonly near: RawClient;
  /** Straight at the server. */
  readonly far: RawClient;
}

/** Floods along one path in one direction. */
class Flood implements Contender {
  readonly name: string;
  readonly route: RouteName;
  readonly direction: Direction;
  readonly hops: Hops;
  readonly #from: RawClient;
  readonly #to: RawClient;
  #count = 0;

  constructor(route: Route, direction: Direction, { near, far }: Ends, hops: Hops) {
    this.name = `${direction}, ${route.name}`;
    this.route = route.name;
    this.direction = direction;
    this.hops = hops;
    this.#from = direction === 'up' ? near : far;
    this.#to = direction === 'up' ? far : near;
  }

  readonly block = async (): Promise<Figures> => {
    const id = `flood-${++this.#count}`;
    const { jid } = this.#to;
    const all = message(jid, id).repeat(messagesPerFlood - 1) + message(jid, `${id}-last`);
    const used = watchCpu(this.hops);
    const begun = systemClock.wallMicros();
    this.#from.write(all);
    await this.#to.takeAll(messagesPerFlood, `${id}-last`);
    const micros = systemClock.wallMicros() - begun;
    return { micros: micros / messagesPerFlood, ...used(messagesPerFlood) };
  };

  close(): void {
    this.#from.close();
    this.#to.close();
  }
}
