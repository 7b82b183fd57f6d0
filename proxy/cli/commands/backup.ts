import type { Command } from 'commander';
import { defineCommand } from '../command.ts';

const exitCodes = {
  65: 'the address cannot be read',
  74: 'a file or the database cannot be read or written',
  77: 'the passphrase is wrong, or the keystore cannot be opened',
  130: 'cancelled',
};

/** `simpp export`. */
export function exportCommand(): Command {
  return defineCommand('export', {
    summary: 'back an account up into one file',
    description:
      'Writes the keys of an account, its decisions, contacts, outbox and history into a new file, sealed under a ' +
      'passphrase. Its password and its sessions are not in it: each conversation begins anew after an import.',
    examples: [
      'simpp export alice@example.org alice.simpp',
      'simpp export alice@example.org alice.simpp --passphrase-file ./passphrase --json',
    ],
    exitCodes,
  })
    .argument('<account>', 'its address')
    .argument('<file>', 'the new file')
    .option('--passphrase-file <file>', 'first line: the passphrase; - reads stdin (default: asks)')
    .action(async (account: string, file: string, flags) => {
      const { exportTo } = await import('../endtoend/backup.ts');
      await exportTo(account, file, flags);
    });
}

/** `simpp import`. */
export function importCommand(): Command {
  return defineCommand('import', {
    summary: 'bring an account back from such a file',
    description:
      'Brings back what "simpp export" has written, for an account that has no keys on this machine. Never run the old ' +
      'copy and this one at once.',
    examples: ['simpp import alice.simpp', 'simpp import alice.simpp --passphrase-file - --json'],
    exitCodes,
  })
    .argument('<file>', 'the backup')
    .option('--passphrase-file <file>', 'first line: the passphrase; - reads stdin (default: asks)')
    .action(async (file: string, flags) => {
      const { importFrom } = await import('../endtoend/backup.ts');
      await importFrom(file, flags);
    });
}
