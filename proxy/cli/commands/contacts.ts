import type { Command } from 'commander';
import { deskCommand } from './desk-command.ts';

/** `simpp contacts`. */
export function contactsCommand(): Command {
  return deskCommand('contacts', {
    summary: 'whose keys are known, and how they are trusted',
    description:
      'Lists the contacts whose keys are known: how sure it is that a key is theirs, what is sent when, on how many ' +
      'devices they read. Those to whom nothing is sent at the moment are named with the reason. With --json: one line ' +
      '{"account":…,"contacts":[…]}.',
    examples: ['simpp contacts', 'simpp contacts --account alice@example.org --json'],
  }).action(async (flags) => {
    const { showContacts } = await import('../endtoend/contacts.ts');
    await showContacts(flags);
  });
}
