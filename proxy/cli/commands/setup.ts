import { Option, type Command } from 'commander';
import { keystoreKinds } from '../../keystore/kinds.ts';
import { defineCommand, endpointOption, endpointsOption } from '../command.ts';

/** `simpp setup`. */
export function setupCommand(): Command {
  return defineCommand('setup', {
    summary: 'set up an account, or all accounts of a domain',
    description:
      'Sets up an account (its password is kept, sealed, on this machine) or a whole domain (each client sends its own ' +
      'password). Set-ups accumulate on one listener; running it again for the same address replaces that set-up. ' +
      'On a terminal it asks for what is missing. A running proxy takes the new set-up at once.',
    examples: [
      'simpp setup',
      "simpp setup alice@example.org --invite 'simpp://xmpp.example.org:5222/example.org?key=…'",
      "simpp setup example.org --invite 'simpp://…' --json",
      'simpp setup bob@example.net --direct --password-file ./password --e2e require',
      'pass show xmpp | simpp setup bob@example.net --direct --password-file - --json',
    ],
    exitCodes: {
      65: 'the address or the invite cannot be read',
      74: 'a file cannot be written',
      77: 'the keystore cannot be opened',
      130: 'cancelled',
    },
  })
    .argument('[address]', 'alice@example.org for one account, example.org for a domain')
    .addOption(new Option('--invite <uri>', "the gateway's invite, simpp://…").conflicts(['direct']))
    .option('--direct', 'no gateway: TLS straight to the XMPP server')
    .addOption(
      endpointOption('--server <host:port>', 'with --direct: the XMPP server (default: by DNS)').conflicts(['invite']),
    )
    .addOption(
      new Option('--server-tls <how>', 'with --direct: TLS to the server (default: starttls); none only on loopback')
        .choices(['none', 'starttls', 'direct'])
        .conflicts(['invite']),
    )
    .addOption(
      new Option(
        '--server-ca <file>',
        "with --direct: PEM file with the CA of the server's certificate (default: the system's CAs)",
      ).conflicts(['invite']),
    )
    .addOption(
      endpointsOption(
        '--listen <host:port>',
        'where clients connect, for all set-ups; may be repeated (default: as before, at first 127.0.0.1:5222)',
      ),
    )
    .addOption(
      endpointsOption(
        '--listen-starttls <host:port>',
        'where clients connect that refuse plaintext (STARTTLS); may be repeated; see "simpp cert"',
      ),
    )
    .addOption(
      endpointsOption('--listen-tls <host:port>', 'the same for clients that begin with TLS at once; may be repeated'),
    )
    .option('--password-file <file>', 'first line: the password of the account; - reads stdin')
    .addOption(
      new Option(
        '--keystore <kind>',
        'what opens the passwords and keys of a new installation (default: asks, or as SIMPP_KEYSTORE says, or file)',
      ).choices(keystoreKinds),
    )
    .addOption(
      new Option(
        '--profile <profile>',
        'the protocol (default: simpp-2); classic is broken and only reproduces the paper',
      )
        .choices(['simpp-2', 'classic'])
        .conflicts(['direct']),
    )
    .addOption(
      new Option(
        '--e2e <policy>',
        'end-to-end encryption: whenever the contact can (prefer, the default), always (require), or not at all (off)',
      ).choices(['prefer', 'require', 'off']),
    )
    .action(async (address: string | undefined, flags) => {
      const { setUp } = await import('../setup.ts');
      await setUp({ ...flags, ...(address === undefined ? {} : { address }) });
    });
}
