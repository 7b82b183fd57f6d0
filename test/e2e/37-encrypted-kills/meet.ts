// Until one has read the other: keys are published when the proxy comes to it,
// and before that nothing may leave.
import { setTimeout as delay } from 'node:timers/promises';

import { eventually } from '../support/eventually.ts';
import type { Talker } from './books.ts';

const answerMs = 30_000;
/** A gateway that says nothing of keys that are new is asked again after a minute. */
const meetMs = 70_000;
const pauseMs = 250;

/** The ids of what the first one wrote for that. */
export async function meet(first: Talker, second: Talker, prefix: string): Promise<string[]> {
  const ids: string[] = [];
  const deadline = Date.now() + meetMs;
  while (Date.now() < deadline) {
    const id = `${prefix}-first-${ids.length}`;
    ids.push(id);
    first.client.send(second.login.jid, id);
    await eventually(`what became of ${id}`, () => isAnswered(first, second, id), answerMs);
    if (second.client.bodies.has(id)) return ids;
    await delay(pauseMs);
    await first.client.online();
  }
  throw new Error(`${second.login.jid} has read nothing; ${first.client.bounced.length} messages were returned`);
}

/** Received, returned, or at least with the server. */
export function isAnswered(from: Talker, to: Talker, id: string): boolean {
  return to.client.bodies.has(id) || from.client.bounced.includes(id) || from.client.acknowledged.has(id);
}
