import { Command } from 'commander';
import { quiet } from '../command.ts';
import { deskCommand } from './desk-command.ts';

/** `simpp recovery`, with `show`, `enter` and `forget`. */
export function recoveryCommand(): Command {
  return quiet(new Command('recovery'))
    .summary('the recovery phrase: show, enter, forget')
    .description(
      'Twelve words that make a new device one of yours, also when all others are lost. They are never typed on the ' +
        'command line, where other processes can read them.',
    )
    .helpCommand(false)
    .addCommand(showCommand())
    .addCommand(enterCommand())
    .addCommand(forgetCommand());
}

function showCommand(): Command {
  return deskCommand('show', {
    summary: 'show the words, to write them down',
    description:
      'Shows the twelve words, as long as this machine has them. On a terminal it warns and asks first. With --json they ' +
      'stand in the result.',
    examples: ['simpp recovery show', 'simpp recovery show --account alice@example.org'],
    exitCodes: { 77: 'they are not on this machine', 130: 'cancelled' },
  }).action(async (flags) => {
    const { showRecovery } = await import('../endtoend/recovery.ts');
    await showRecovery(flags);
  });
}

function enterCommand(): Command {
  return deskCommand('enter', {
    summary: 'make this device one of yours',
    description:
      'Asks for the twelve words and takes this device into the list of yours. A client of the account must be connected.',
    examples: ['simpp recovery enter', 'simpp recovery enter --phrase-file ./words --json'],
    exitCodes: { 130: 'cancelled' },
  })
    .option('--phrase-file <file>', 'first line: the twelve words; - reads stdin (default: asks)')
    .action(async (flags) => {
      const { enterRecovery } = await import('../endtoend/recovery.ts');
      await enterRecovery(flags);
    });
}

function forgetCommand(): Command {
  return deskCommand('forget', {
    summary: 'erase words and account key from this machine',
    description:
      'Erases the words and the account key here. Approving or removing a device then needs the words: whoever has not ' +
      'written them down cannot do it any more.',
    examples: ['simpp recovery forget', 'simpp recovery forget --yes --json'],
    exitCodes: { 130: 'cancelled' },
  })
    .option('-y, --yes', 'do not ask')
    .action(async (flags) => {
      const { forget } = await import('../endtoend/recovery.ts');
      await forget(flags);
    });
}
