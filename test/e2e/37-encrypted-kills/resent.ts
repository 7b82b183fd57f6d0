// A message of the outbox goes out again, and the proxy dies before it has
// crossed it out: it is still there, so it may go twice, but it is never lost.
import assert from 'node:assert/strict';

import type { CrashPoint } from '../../../proxy/endtoend/crash-points.ts';
import { eventually } from '../support/eventually.ts';
import { ManagedClient } from '../support/managed-client.ts';
import type { Account } from '../support/proxy-side.ts';
import { runSimpp, simppJson } from '../support/simpp.ts';
import { crashing } from './crashing.ts';
import { meet } from './meet.ts';
import type { KillStage } from './stage.ts';

/** The second has no keys yet when the first writes; the point is the one behind the sending. */
export async function resendThroughCrash(
  { machines }: KillStage,
  [first, second]: readonly [Account, Account],
  point: CrashPoint,
): Promise<void> {
  const [ours, theirs] = machines;
  const outbox = (...args: readonly string[]): [typeof ours.home, ...string[]] => [
    ours.home,
    'outbox',
    ...args,
    '--account',
    first.jid,
  ];
  const id = `${point}-unsent`;
  await using writer = await ManagedClient.login(ours.login(first));
  writer.send(second.jid, id);
  await eventually('the refusal', () => writer.bounced.includes(id));

  await using reader = await ManagedClient.login(theirs.login(second));
  const logins = [ours.login(first), theirs.login(second)] as const;
  await meet({ client: writer, login: logins[0] }, { client: reader, login: logins[1] }, `${point}-meeting`);
  await using death = await crashing(ours, point);
  await writer.online();
  await runSimpp(...outbox('resend', '--all'));
  await death.happened();
  await writer.online();
  const { messages } = await simppJson(...outbox('list'));
  // as: what the command promises.
  assert.equal((messages as readonly unknown[]).length, 1);
  assert.equal((await simppJson(...outbox('resend', '--all')))['sent'], 1);
  await eventually('the message', () => reader.bodies.get(id) === id);
  assert.deepEqual((await simppJson(...outbox('list')))['messages'], []);
}
