// `simpp log`: the recent events of the running roles, and new ones as they come.

import { findHome, type Role } from '../config/home.ts';
import { logRecordNotification, logSubscribe } from '../control/methods.ts';
import type { LogLevel } from '../log.ts';
import { coloured, formatRecord, type LogRecord } from '../log-record.ts';
import { processOutput, type Output } from './output.ts';
import { connectRunning } from './running.ts';

/** The command line of `simpp log`. */
export interface LogFlags {
  readonly role?: Role;
  readonly follow?: boolean;
  readonly level: LogLevel;
  readonly lines: number;
  readonly json?: boolean;
}

/** Runs the command. */
export async function showLog(flags: LogFlags): Promise<void> {
  const output = processOutput(flags.json === true);
  const running = await connectRunning(findHome(), flags.role);
  const { level, lines: count, follow = false } = flags;
  try {
    const recent: Event[] = [];
    for (const { role, client } of running) {
      client.on(logRecordNotification, (record) => show(output, { role, record }, running.length > 1));
      const { records } = await client.call(logSubscribe, { level, count, follow });
      recent.push(...records.map((record) => ({ role, record })));
    }
    // Times are ISO 8601 in UTC, so their order as text is their order in time.
    recent.sort((a, b) => (a.record.time < b.record.time ? -1 : a.record.time > b.record.time ? 1 : 0));
    for (const event of recent.slice(Math.max(0, recent.length - count))) show(output, event, running.length > 1);
    if (follow) await Promise.all(running.map(({ client }) => client.closed));
  } finally {
    for (const { client } of running) client.close();
  }
}

interface Event {
  readonly role: Role;
  readonly record: LogRecord;
}

function show(output: Output, { role, record }: Event, withRole: boolean): void {
  output.result({ role, ...record });
  const line = formatRecord(record, process.stdout.isTTY ? coloured : undefined);
  output.say(withRole ? `${role.padEnd(7)} ${line}` : line);
}
