// A real log whose lines a test reads, now or when they come.
import type { Log } from '../../../proxy/log.ts';
import { formatRecord } from '../../../proxy/log-record.ts';
import { LogRing } from '../../../proxy/log-ring.ts';
import { createLog } from '../../../proxy/log-sink.ts';

export interface MemoryLog extends Log {
  /** All lines so far. */
  readonly text: string;
  /** Resolves when a line fits, by now or later. */
  logged(wanted: RegExp): Promise<void>;
}

export function memoryLog(): MemoryLog {
  const ring = new LogRing();
  const log = createLog({ level: 'debug', ring, output: { kind: 'show', show: () => undefined } });
  const lines = (): string[] => ring.recent('debug', Infinity).map((record) => formatRecord(record));
  return {
    ...log,
    get text() {
      return lines().join('\n');
    },
    logged: (wanted) =>
      new Promise((resolve) => {
        const unfollow = ring.follow((record) => look([formatRecord(record)]));
        const look = (candidates: readonly string[]): void => {
          if (!candidates.some((line) => wanted.test(line))) return;
          unfollow();
          resolve();
        };
        look(lines());
      }),
  };
}
