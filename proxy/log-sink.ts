// The log of a running role on pino: lines on stderr, the ring in memory.

import pino from 'pino';
import { allowedFields, type Log, type LogFields, type LogLevel } from './log.ts';
import type { LogRecord } from './log-record.ts';
import type { LogRing } from './log-ring.ts';

/** How and where a role logs. */
export interface LogSettings {
  /** Level of what is written, or what gives that of the moment; the ring always has everything. */
  readonly level: LogLevel | (() => LogLevel);
  readonly ring: LogRing;
  /** Where lines go: JSON lines to a descriptor, or records to a function that shows them. */
  readonly output:
    { readonly kind: 'json'; readonly fd: number } | { readonly kind: 'show'; show(record: LogRecord): void };
}

/** Makes the log of a role. */
export function createLog(settings: LogSettings): Log {
  const { level, ring, output } = settings;
  const ringStream = { level: 'debug', stream: { write: (line: string) => ring.add(toRecord(line)) } } as const;
  const shown =
    output.kind === 'json'
      ? pino.destination({ fd: output.fd, sync: true })
      : { write: (line: string) => output.show(toRecord(line)) };
  const least = typeof level === 'function' ? level : (): LogLevel => level;
  const gate = {
    // pino says the level of each line to streams that have this.
    [pino.symbols.needsMetadataGsym]: true,
    lastLevel: 0,
    write(line: string): void {
      if (this.lastLevel >= pino.levels.values[least()]!) shown.write(line);
    },
  };
  const streams = pino.multistream([ringStream, { level: 'debug', stream: gate }]);
  return wrap(
    pino(
      {
        level: 'debug',
        base: null,
        messageKey: 'event',
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      streams,
    ),
  );
}

function wrap(logger: pino.Logger): Log {
  const at =
    (level: LogLevel) =>
    (event: string, fields: LogFields = {}): void =>
      logger[level](allowedFields(fields), event);
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => wrap(logger.child(allowedFields(fields))),
  };
}

/** A line of pino as a record. A field of a child logger may be given again: the last one counts, as in JSON. */
function toRecord(line: string): LogRecord {
  const { time, level, event, ...fields } = JSON.parse(line) as LogLine;
  return { time, level, event, fields };
}

/** What pino writes with the settings above, since allowedFields keeps all other names out. */
interface LogLine {
  readonly time: string;
  readonly level: LogLevel;
  readonly event: string;
  readonly [field: string]: string | number | boolean;
}
