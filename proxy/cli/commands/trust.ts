import { Argument, Command } from 'commander';
import { quiet } from '../command.ts';
import { deskCommand } from './desk-command.ts';

/** `simpp trust`, with `show`, `accept`, `refuse`, `reset` and `policy`. */
export function trustCommand(): Command {
  return quiet(new Command('trust'))
    .summary('the keys of contacts: show, accept, refuse, reset, policy')
    .description(
      'Whom messages are encrypted for. The first key of a contact is taken on trust; after "simpp verify", or with the ' +
        'policy "manual", nothing is sent to another key or a new device before you have decided.',
    )
    .helpCommand(false)
    .addCommand(showCommand())
    .addCommand(
      decisionCommand('accept', {
        summary: 'take a changed key or a new device, without comparing',
        description:
          'Takes the key or the devices that wait for a decision. What could not be sent meanwhile stays in the outbox: ' +
          '"simpp outbox resend --all" sends it.',
      }),
    )
    .addCommand(
      decisionCommand('refuse', {
        summary: 'send them nothing any more',
        description: 'Refuses the key of a contact: nothing is sent to them until you accept it.',
      }),
    )
    .addCommand(
      decisionCommand('reset', {
        summary: 'forget what was verified',
        description: 'Forgets what is known of the keys of a contact. The next key counts as the first.',
      }),
    )
    .addCommand(policyCommand());
}

function showCommand(): Command {
  return deskCommand('show', {
    summary: 'one contact in detail, with the fingerprint to compare',
    description:
      "Fetches the contact's keys anew, if a client of the account is connected, and shows what is known: 60 digits to " +
      'compare, devices, and what has to be decided.',
    examples: ['simpp trust show bob@example.org', 'simpp trust show bob@example.org --json'],
  })
    .argument('<contact>', 'their address')
    .action(async (contact: string, flags) => {
      const { showTrust } = await import('../endtoend/contacts.ts');
      await showTrust(contact, flags);
    });
}

function decisionCommand(
  decision: 'accept' | 'refuse' | 'reset',
  { summary, description }: { readonly summary: string; readonly description: string },
): Command {
  return deskCommand(decision, {
    summary,
    description,
    examples: [`simpp trust ${decision} bob@example.org`, `simpp trust ${decision} bob@example.org --json`],
  })
    .argument('<contact>', 'their address')
    .action(async (contact: string, flags) => {
      const { decide } = await import('../endtoend/contacts.ts');
      await decide(contact, decision, flags);
    });
}

function policyCommand(): Command {
  return deskCommand('policy', {
    summary: 'whether first keys are taken on trust',
    description:
      'Shows or sets what becomes of the first key of a contact: "blind" takes it, "manual" sends nothing until you ' +
      'have decided about each.',
    examples: ['simpp trust policy', 'simpp trust policy manual'],
  })
    .addArgument(new Argument('[policy]', 'what to set (default: shows it)').choices(['blind', 'manual']))
    .action(async (policy: 'blind' | 'manual' | undefined, flags) => {
      const { trustPolicy } = await import('../endtoend/contacts.ts');
      await trustPolicy(policy, flags);
    });
}
