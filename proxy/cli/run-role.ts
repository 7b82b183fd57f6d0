// The life of a long-running role: log, control socket, engine, the readiness
// line, then waiting for the wish to stop. The control socket comes first: it
// is also what keeps a second process out of the folder.

import { makeHome, type Home, type Role } from '../config/home.ts';
import { logSubscribe, logRecordNotification, reload, status, stop, type RoleStatus } from '../control/methods.ts';
import { answer, listenControl, type ControlHandler } from '../control/server.ts';
import { controlSocketPath } from '../control/socket-path.ts';
import { errorFields } from '../log-error.ts';
import type { Log, LogLevel } from '../log.ts';
import { coloured, formatRecord, isAtLeast } from '../log-record.ts';
import { LogRing } from '../log-ring.ts';
import { createLog } from '../log-sink.ts';
import { readVersion } from '../version.ts';
import type { Output } from './output.ts';
import { catchStopSignals } from './signals.ts';

/** How long a process may go on after everything was stopped. */
const lingerMs = 2000;

/** The part of a role's status that is the same for both. */
type CommonStatus = Pick<RoleStatus, 'version' | 'pid' | 'startedAt' | 'uptimeSeconds'>;

/** What came of reading a configuration again. */
export interface Reloaded {
  /** Settings that have changed and count from now on, by name. */
  readonly taken: readonly string[];
  /** What counts after a restart only, in words. */
  readonly notes: readonly string[];
}

/** An engine that runs. */
export interface StartedRole {
  readonly listen: readonly string[];
  status(common: CommonStatus): RoleStatus;
  /** Reads the configuration again. Rejects when that is not valid, and then nothing has changed. */
  reload(): Promise<Reloaded>;
  stop(): Promise<void>;
  /** What people are told when it is ready. */
  readonly greeting: readonly string[];
}

/** What runs. */
export interface RoleRun {
  readonly role: Role;
  readonly home: Home;
  readonly level: LogLevel;
  readonly output: Output;
  /** Methods of this role alone. */
  readonly handlers: readonly ControlHandler[];
  /** `setLevel` changes how much is logged, unless the command line has said that. */
  start(log: Log, setLevel: (level: LogLevel) => void): Promise<StartedRole>;
}

/** Runs a role until it is asked to stop. */
export async function runRole(run: RoleRun): Promise<void> {
  makeHome(run.home);
  const ring = new LogRing();
  let { level } = run;
  const log = openLog(run.output, ring, () => level);
  const { promise: started, resolve: setStarted } = Promise.withResolvers<StartedRole>();
  const signals = catchStopSignals(() => void started.then((role) => hangUp(role, log)));
  const handlers = [...sharedHandlers(started, ring, signals.stop), ...run.handlers];
  try {
    const control = await listenControl(controlSocketPath(run.home, run.role), handlers);
    try {
      const role = await run.start(log, (changed) => (level = changed));
      setStarted(role);
      log.info('ready', { listen: role.listen.join(', ') });
      run.output.result({ ready: true, listen: role.listen });
      for (const line of role.greeting) run.output.say(line);
      log.info('stopping', { signal: await signals.stopped });
      await role.stop();
      log.info('stopped');
    } finally {
      await control.close();
    }
  } finally {
    signals.dispose();
    // Only when something still keeps the process alive.
    setTimeout(() => process.exit(), lingerMs).unref();
  }
}

function sharedHandlers(
  started: Promise<StartedRole>,
  ring: LogRing,
  stopRole: (reason: string) => void,
): ControlHandler[] {
  const startedAt = new Date();
  const common = (): CommonStatus => ({
    version: readVersion(),
    pid: process.pid,
    startedAt: startedAt.toISOString(),
    uptimeSeconds: Math.floor((Date.now() - startedAt.getTime()) / 1000),
  });
  return [
    answer(status, async () => (await started).status(common())),
    answer(reload, async () => {
      const { taken, notes } = await (await started).reload();
      return { taken: [...taken], notes: [...notes] };
    }),
    answer(logSubscribe, ({ level, count, follow }, peer) => {
      const records = ring.recent(level, count);
      if (follow) {
        const unfollow = ring.follow((record) => {
          if (isAtLeast(record.level, level)) peer.notify(logRecordNotification, record);
        });
        peer.onClose(unfollow);
      }
      return { records };
    }),
    answer(stop, () => {
      stopRole('control socket');
      return {};
    }),
  ];
}

async function hangUp(role: StartedRole, log: Log): Promise<void> {
  try {
    const { taken, notes } = await role.reload();
    for (const note of notes) log.warn('not taken without a restart', { text: note });
    log.info('configuration read again', taken.length === 0 ? {} : { text: `taken: ${taken.join(', ')}` });
  } catch (error) {
    // The old configuration stays in force.
    log.error('configuration not taken', errorFields(error));
  }
}

function openLog(output: Output, ring: LogRing, level: () => LogLevel): Log {
  const isForPeople = !output.json && process.stderr.isTTY;
  return createLog({
    level,
    ring,
    output: isForPeople
      ? { kind: 'show', show: (record) => void process.stderr.write(`${formatRecord(record, coloured)}\n`) }
      : { kind: 'json', fd: process.stderr.fd },
  });
}
