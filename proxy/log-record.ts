// One event as data: what the JSON lines, the ring of recent events and
// `simpp log` share.

import { logLevels, type LogLevel } from './log.ts';

/** An event that was logged. */
export interface LogRecord {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly level: LogLevel;
  readonly event: string;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}

/** Whether a level is at least as urgent as another. */
export function isAtLeast(level: LogLevel, least: LogLevel): boolean {
  return logLevels.indexOf(level) >= logLevels.indexOf(least);
}

/** One line for people: time of day, level, event, fields. */
export function formatRecord(record: LogRecord, paint: (text: string, level: LogLevel) => string = plain): string {
  const fields = Object.entries(record.fields)
    .filter(([name]) => name !== 'stack')
    .map(
      ([name, value]) =>
        ` ${name}=${typeof value === 'string' && /[\s"=]/.test(value) ? JSON.stringify(value) : value}`,
    );
  const stack = record.fields['stack'] === undefined ? '' : `\n${record.fields['stack']}`;
  const clock = record.time.slice(11, 23);
  return `${clock} ${paint(record.level.padEnd(5), record.level)} ${record.event}${fields.join('')}${stack}`;
}

const colours: Readonly<Record<LogLevel, number>> = { debug: 90, info: 36, warn: 33, error: 31 };

/** Paints levels with terminal colours. */
export function coloured(text: string, level: LogLevel): string {
  return `\u001b[${colours[level]}m${text}\u001b[0m`;
}

function plain(text: string): string {
  return text;
}
