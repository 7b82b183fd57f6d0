import { Argument, Command } from 'commander';
import { quiet, wholeNumber } from '../command.ts';
import { annotations, type Annotate } from '../../endtoend/desk.ts';
import { deskCommand } from './desk-command.ts';

/** `simpp history`, with `search`, `keep` and `annotate`. */
export function historyCommand(): Command {
  return quiet(new Command('history'))
    .summary('messages that were opened here: search, keep, annotate')
    .description(
      "The server's archive holds what nobody can read twice, since the keys move on. So the proxy keeps what it has " +
        'opened, sealed under the keystore, and puts it in place when a client asks for history.',
    )
    .helpCommand(false)
    .addCommand(searchCommand())
    .addCommand(keepCommand())
    .addCommand(annotateCommand());
}

function searchCommand(): Command {
  return deskCommand('search', {
    summary: 'find messages',
    description:
      'Finds messages that contain the text. With --json: one line {"account":…,"messages":[…]}; times are milliseconds ' +
      'since 1970.',
    examples: ['simpp history search noon', 'simpp history search "at noon" --contact bob@example.org --limit 10'],
  })
    .argument('<text>', 'what to find')
    .option('--contact <jid>', 'only messages with them')
    .option('--limit <number>', 'at most this many, the latest (default: 50)', wholeNumber(1, 500))
    .action(async (text: string, flags) => {
      const { search } = await import('../endtoend/history.ts');
      await search(text, flags);
    });
}

function keepCommand(): Command {
  return deskCommand('keep', {
    summary: 'how long messages are kept here',
    description:
      'Shows or sets how long the proxy keeps what it has opened: all, none, or a number of days. A shorter time erases ' +
      'what is older; it then shows as unreadable.',
    examples: ['simpp history keep', 'simpp history keep 30', 'simpp history keep none'],
  })
    .argument('[time]', 'all, none, or a number of days (default: shows it)')
    .action(async (time: string | undefined, flags) => {
      const { keep, readRetention } = await import('../endtoend/history.ts');
      await keep(time === undefined ? undefined : readRetention(time), flags);
    });
}

function annotateCommand(): Command {
  return deskCommand('annotate', {
    summary: 'which messages get a mark in their text',
    description:
      'Shows or sets the mark that received messages get in your client: those that came unencrypted from people who ' +
      'could encrypt ("plaintext", the default), all, or none.',
    examples: ['simpp history annotate', 'simpp history annotate all'],
  })
    .addArgument(new Argument('[which]', 'what to set (default: shows it)').choices(annotations))
    .action(async (which: Annotate | undefined, flags) => {
      const { annotate } = await import('../endtoend/history.ts');
      await annotate(which, flags);
    });
}
