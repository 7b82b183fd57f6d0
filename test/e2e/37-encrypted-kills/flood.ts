// Two people write to each other as fast as the server acknowledges it, while now
// one proxy and now the other is killed at a moment that only the seed knows.
import type { Random } from '../../fuzz/random.ts';
import { eventually } from '../support/eventually.ts';
import { ManagedClient } from '../support/managed-client.ts';
import { booksOf, type Books, type Talker } from './books.ts';
import { meet } from './meet.ts';
import { person, type KillStage } from './stage.ts';

export interface FloodPlan {
  /** Of both together. */
  readonly messages: number;
  readonly kills: number;
  readonly random: Random;
}

export interface Flood {
  /** Of the first one's messages, and of the second one's. */
  readonly books: readonly [Books, Books];
  /** Returned to their sender. */
  readonly bounced: readonly string[];
}

/** Messages of one side on the way at the same time. */
const window = 25;
const patienceMs = 60_000;

/** Everything said is accounted for when it resolves; the two are the people of the stage. */
export async function flood(
  stage: KillStage,
  names: readonly [string, string],
  { messages, kills, random }: FloodPlan,
): Promise<Flood> {
  const logins = names.map((name, machine) => stage.machines[machine]!.login(person(name)));
  await using theirs = await ManagedClient.login(logins[1]!);
  await using ours = await ManagedClient.login(logins[0]!);
  const [first, second]: [Talker, Talker] = [
    { client: ours, login: logins[0]! },
    { client: theirs, login: logins[1]! },
  ];
  await meet(first, second, 'meeting');
  const ids = (who: string): string[] => Array.from({ length: messages / 2 }, (_, index) => `flood-${who}-${index}`);
  const [said, answered] = [ids('first'), ids('second')];
  const moments = Array.from({ length: kills }, () => random(messages)).toSorted((a, b) => a - b);
  const progress = (): number => ours.sent.size + theirs.sent.size;
  await Promise.all([
    pour(first, second, said),
    pour(second, first, answered),
    killAt(stage, moments, progress, random),
  ]);
  for (const client of [ours, theirs]) {
    await client.online();
    await eventually('an acknowledgement of everything', () => client.unacknowledged === 0, patienceMs);
  }
  return {
    books: [await booksOf(first, second, said), await booksOf(second, first, answered)],
    bounced: [...ours.bounced, ...theirs.bounced].filter((id) => id.startsWith('flood-')),
  };
}

async function pour({ client }: Talker, to: Talker, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await eventually('room for the next message', () => client.unacknowledged < window, patienceMs);
    client.send(to.login.jid, id);
  }
}

async function killAt(
  { machines }: KillStage,
  moments: readonly number[],
  progress: () => number,
  random: Random,
): Promise<void> {
  for (const moment of moments) {
    await eventually(`message ${moment}`, () => progress() >= moment, 5 * patienceMs);
    const machine = machines[random(2)]!;
    await machine.kill();
    await machine.run();
  }
}
