import { Option, type Command } from 'commander';
import { defineCommand } from '../command.ts';

/** `simpp fingerprint`. */
export function fingerprintCommand(): Command {
  return defineCommand('fingerprint', {
    summary: 'the fingerprints to compare',
    description:
      'Shows the fingerprint of the gateway that each set-up has pinned, and that of its account, which contacts compare ' +
      '("own" with --json); or with --gateway that of this gateway, with its invite. Two people who read the same 60 ' +
      'digits have the same key. Those of contacts: simpp trust show.',
    examples: ['simpp fingerprint', 'simpp fingerprint alice@example.org', 'simpp fingerprint --gateway --json'],
    exitCodes: { 65: 'the address cannot be read', 77: 'the key cannot be read', 78: 'nothing is set up here' },
  })
    .argument('[address]', 'one set-up: its address or domain')
    .addOption(new Option('--gateway', 'of the gateway in this folder; of a running one, the invite has the real port'))
    .action(async (address: string | undefined, flags) => {
      const { showFingerprints } = await import('../fingerprint.ts');
      await showFingerprints({ ...flags, ...(address === undefined ? {} : { address }) });
    });
}
