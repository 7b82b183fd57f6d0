import { Command } from 'commander';
import { defineCommand, quiet } from '../command.ts';

/** `simpp accounts`, with `list`, `show`, `password` and `remove`. */
export function accountsCommand(): Command {
  return quiet(new Command('accounts'))
    .summary('what is set up: list, show, password, remove')
    .description(
      'The set-ups of this machine and the accounts that have used them. No command shows a password or a key.',
    )
    .helpCommand(false)
    .addCommand(listCommand(), { isDefault: true })
    .addCommand(showCommand())
    .addCommand(passwordCommand())
    .addCommand(removeCommand());
}

const readFails = { 74: 'the database cannot be read', 78: 'a file is not valid' };
const unknown = { 65: 'the address cannot be read', 78: 'it is not set up, or a file is not valid' };

function listCommand(): Command {
  return defineCommand('list', {
    summary: 'all set-ups and accounts (the default)',
    description:
      'Lists the set-ups and, below that of a domain, the accounts that have logged in through it: by which way, what ' +
      'the gateway thinks of this device, when the last login was. With --json: one line {"accounts":[…]}.',
    examples: ['simpp accounts', 'simpp accounts list --json'],
    exitCodes: readFails,
  }).action(async (flags) => {
    const { listAll } = await import('../accounts.ts');
    await listAll(flags);
  });
}

function showCommand(): Command {
  return defineCommand('show', {
    summary: 'one of them in detail',
    description: 'Shows a set-up or account with its file, device and fingerprints.',
    examples: ['simpp accounts show alice@example.org', 'simpp accounts show example.org --json'],
    exitCodes: { ...readFails, ...unknown },
  })
    .argument('<address>', 'its address or domain')
    .action(async (address: string, flags) => {
      const { showOne } = await import('../accounts.ts');
      await showOne(address, flags);
    });
}

function passwordCommand(): Command {
  return defineCommand('password', {
    summary: 'store another password',
    description:
      'Stores the password of an account, sealed, in place of the one that is there. It is not changed at the server: ' +
      'that is for your client. A running proxy takes it at once.',
    examples: [
      'simpp accounts password alice@example.org',
      'pass show xmpp | simpp accounts password alice@example.org --password-file -',
    ],
    exitCodes: { ...readFails, ...unknown, 77: 'the keystore cannot be opened', 130: 'cancelled' },
  })
    .argument('<address>', 'the account')
    .option('--password-file <file>', 'first line: the password; - reads stdin (default: asks)')
    .action(async (address: string, flags) => {
      const { changePassword } = await import('../accounts-change.ts');
      await changePassword(address, flags);
    });
}

function removeCommand(): Command {
  return defineCommand('remove', {
    summary: 'remove a set-up, its password and its keys',
    description:
      'Removes a set-up with what is stored for it: password, account key, recovery phrase, device keys. A running ' +
      'proxy ends its connections. The account at the server stays. Removing a domain keeps the accounts that have a ' +
      'set-up of their own.',
    examples: ['simpp accounts remove alice@example.org', 'simpp accounts remove example.org --yes --json'],
    exitCodes: { ...readFails, ...unknown, 77: 'the keystore cannot be opened', 130: 'cancelled' },
  })
    .argument('<address>', 'its address or domain')
    .option('-y, --yes', 'do not ask')
    .action(async (address: string, flags) => {
      const { removeAll } = await import('../accounts-change.ts');
      await removeAll(address, flags);
    });
}
