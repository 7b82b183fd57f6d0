import { Argument, type Command } from 'commander';
import { defineCommand } from '../command.ts';

/** `simpp status`. */
export function statusCommand(): Command {
  return defineCommand('status', {
    summary: 'what runs here, and how it is doing',
    description:
      'Asks the running proxy and gateway of this folder: uptime, listeners, connections, set-ups or domains, counters. ' +
      'With --json: one line {"proxy":…,"gateway":…}, null for a role that does not run.',
    examples: ['simpp status', 'simpp status gateway --json', 'simpp status --watch'],
    exitCodes: { 69: 'nothing runs in this folder' },
  })
    .addArgument(roleArgument())
    .option('-w, --watch', 'show it again every second until interrupted')
    .action(async (role: 'proxy' | 'gateway' | undefined, flags) => {
      const { showStatus } = await import('../status.ts');
      await showStatus({ ...flags, ...(role === undefined ? {} : { role }) });
    });
}

/** The role that is asked; by default those that run. */
export function roleArgument(): Argument {
  return new Argument('[role]', 'the role to ask (default: those that run)').choices(['proxy', 'gateway']);
}
