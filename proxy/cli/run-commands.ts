// Runs programs of the system, one after the other. What they print is of
// interest only when one fails.

import { spawnSync } from 'node:child_process';
import { SimppError } from '../../shared/errors.ts';
import { commandLine, type Command } from '../ca/trust-stores.ts';

/** Runs all; throws SimppError at the first that fails. */
export function runCommands(commands: readonly Command[]): void {
  for (const command of commands) {
    const [program, ...args] = command;
    const { error, status, signal, stderr } = spawnSync(program, args, { stdio: 'pipe', encoding: 'utf8' });
    if (error !== undefined) {
      throw new SimppError(
        'missing-program',
        `${program} cannot be run: install it, or run this by hand: ${commandLine(command)}`,
        {
          cause: error,
        },
      );
    }
    if (status !== 0) {
      const last = stderr.trim().split('\n').at(-1);
      const why = last === undefined || last === '' ? '' : ` It said: ${last}`;
      throw new SimppError(
        'storage-failed',
        `This command ended with ${status ?? signal}: ${commandLine(command)}.${why}`,
      );
    }
  }
}
