import { Option, type Command } from 'commander';
import { logLevels } from '../../log.ts';
import { defineCommand, wholeNumber } from '../command.ts';
import { roleArgument } from './status.ts';

/** `simpp log`. */
export function logCommand(): Command {
  return defineCommand('log', {
    summary: 'the recent events of what runs here',
    description:
      'Shows the last events that a running role keeps in memory, also those below the level that it writes to stderr. ' +
      'Contents, passwords and keys are in none of them.',
    examples: ['simpp log', 'simpp log --follow --level debug', 'simpp log gateway --json --lines 20'],
    exitCodes: { 69: 'nothing runs in this folder' },
  })
    .addArgument(roleArgument())
    .option('-f, --follow', 'go on with new events until interrupted')
    .addOption(new Option('--level <level>', 'the least urgent level to show').choices(logLevels).default('info'))
    .addOption(
      new Option('-n, --lines <count>', 'how many recent events').argParser(wholeNumber(0, 10_000)).default(200),
    )
    .action(async (role: 'proxy' | 'gateway' | undefined, flags) => {
      const { showLog } = await import('../log.ts');
      await showLog({ ...flags, ...(role === undefined ? {} : { role }) });
    });
}
