// `simpp status`: asks the running roles and shows their answers, once or each
// second until interrupted.

import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import { findHome, type Role } from '../config/home.ts';
import { status, type RoleStatus } from '../control/methods.ts';
import { LiveScreen } from './live-screen.ts';
import { processOutput, type Output } from './output.ts';
import { connectRunning, type RunningRole } from './running.ts';
import { liveLines, statusLines } from './status-text.ts';

/** The command line of `simpp status`. */
export interface StatusFlags {
  readonly role?: Role;
  readonly watch?: boolean;
  readonly json?: boolean;
}

const watchIntervalMs = 1000;

/** Runs the command. */
export async function showStatus(flags: StatusFlags): Promise<void> {
  const output = processOutput(flags.json === true);
  const running = await connectRunning(findHome(), flags.role);
  try {
    if (flags.watch === true) await watch(running, output);
    else show(output, await ask(running));
  } finally {
    for (const { client } of running) client.close();
  }
}

function ask(running: readonly RunningRole[]): Promise<RoleStatus[]> {
  return Promise.all(running.map(({ client }) => client.call(status, {})));
}

function show(output: Output, answers: readonly RoleStatus[]): void {
  output.result(asResult(answers));
  output.say(answers.map((answer) => statusLines(answer, process.stdout.columns).join('\n')).join('\n\n'));
}

function asResult(answers: readonly RoleStatus[]): Readonly<Record<Role, RoleStatus | null>> {
  const of = (role: Role): RoleStatus | null => answers.find((answer) => answer.role === role) ?? null;
  return { proxy: of('proxy'), gateway: of('gateway') };
}

/** Until a role ends or somebody interrupts; the roles are asked only while somebody watches. */
async function watch(running: readonly RunningRole[], output: Output): Promise<void> {
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  for (const { client } of running) void client.closed.then(onSignal);
  using screen = new LiveScreen(process.stdout);
  let before: readonly RoleStatus[] = [];
  try {
    for (;;) {
      const answers = await ask(running);
      showLive(output, screen, answers, before);
      before = answers;
      await delay(watchIntervalMs, undefined, { signal: stop.signal });
    }
  } catch (error) {
    // A question to a role that ends fails a moment before its end is known.
    await setImmediate();
    if (!stop.signal.aborted) throw error;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

function showLive(
  output: Output,
  screen: LiveScreen,
  answers: readonly RoleStatus[],
  before: readonly RoleStatus[],
): void {
  if (output.json) {
    output.result(asResult(answers));
    return;
  }
  const { isTTY: isForPeople, columns } = process.stdout;
  const lines = answers.flatMap((answer, index) => {
    const earlier = before.find(({ role }) => role === answer.role);
    const own = liveLines(answer, earlier, watchIntervalMs / 1000, isForPeople ? columns : undefined);
    return index === 0 ? own : ['', ...own];
  });
  if (isForPeople) screen.draw(lines);
  else output.say(`${lines.join('\n')}\n`);
}
