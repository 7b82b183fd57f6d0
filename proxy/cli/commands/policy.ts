import { Argument, type Command } from 'commander';
import { policies } from '../../endtoend/desk.ts';
import { deskCommand } from './desk-command.ts';

const words = [...policies, 'default'] as const;

/** `simpp policy`. */
export function policyCommand(): Command {
  return deskCommand('policy', {
    summary: 'what is sent encrypted, and what is not',
    description:
      'Shows or sets whether messages are encrypted: "prefer" whenever the contact has keys, "require" never without, ' +
      '"off" not at all. Of one contact, or with "default" in place of an address: of everybody without a setting of ' +
      'their own. The policy "default" takes a setting back.',
    examples: [
      'simpp policy',
      'simpp policy default require',
      'simpp policy bob@example.org off',
      'simpp policy bob@example.org default --json',
    ],
  })
    .argument('[contact]', 'their address, or "default" for the account (default: shows the account)')
    .addArgument(new Argument('[policy]', 'what to set (default: shows it)').choices(words))
    .action(async (contact: string | undefined, policy: (typeof words)[number] | undefined, flags) => {
      const { managePolicy } = await import('../endtoend/policy.ts');
      await managePolicy(contact, policy, flags);
    });
}
