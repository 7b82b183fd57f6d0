import { Command } from 'commander';
import { quiet, wholeNumber } from '../command.ts';
import { deskCommand } from './desk-command.ts';

/** `simpp outbox`, with `list`, `resend` and `discard`. */
export function outboxCommand(): Command {
  return quiet(new Command('outbox'))
    .summary('what could not be sent: list, resend, discard')
    .description(
      'Messages that were held back, because policy or an open decision did not let them go. They are sent again only ' +
        'when you say so, under the same id.',
    )
    .helpCommand(false)
    .addCommand(listCommand(), { isDefault: true })
    .addCommand(resendCommand())
    .addCommand(discardCommand());
}

function listCommand(): Command {
  return deskCommand('list', {
    summary: 'all of them, with the reasons (the default)',
    description: 'Lists what could not be sent, each with its number and the reason.',
    examples: ['simpp outbox', 'simpp outbox list --json'],
  }).action(async (flags) => {
    const { showOutbox } = await import('../endtoend/outbox.ts');
    await showOutbox(flags);
  });
}

function resendCommand(): Command {
  return deskCommand('resend', {
    summary: 'send again',
    description: 'Sends one message again, or all. What still may not go stays, with its reason.',
    examples: ['simpp outbox resend 3', 'simpp outbox resend --all --json'],
  })
    .argument('[number]', 'which', wholeNumber(0, 999_999_999))
    .option('--all', 'all of them')
    .action(async (number: number | undefined, flags) => {
      const { resend } = await import('../endtoend/outbox.ts');
      await resend(number, flags);
    });
}

function discardCommand(): Command {
  return deskCommand('discard', {
    summary: 'throw away',
    description: 'Throws one message away, or all. It is gone.',
    examples: ['simpp outbox discard 3', 'simpp outbox discard --all --json'],
  })
    .argument('[number]', 'which', wholeNumber(0, 999_999_999))
    .option('--all', 'all of them')
    .action(async (number: number | undefined, flags) => {
      const { discard } = await import('../endtoend/outbox.ts');
      await discard(number, flags);
    });
}
