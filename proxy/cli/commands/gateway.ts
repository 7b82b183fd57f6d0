import { Command, Option } from 'commander';
import { networkForm, parseNetwork } from '../../gateway/proxy-protocol/networks.ts';
import { hostPatternForm, parseHostPattern } from '../../gateway/redirection.ts';
import { logLevels } from '../../log.ts';
import { collect, collectChecked, defineCommand, endpointOption, endpointsOption, quiet } from '../command.ts';
import { gatewayDoctorCommand } from './doctor.ts';

/** `simpp gateway`, with `init`, `run`, `reload`, `reset` and `doctor`. */
export function gatewayCommand(): Command {
  return quiet(new Command('gateway'))
    .summary('the gateway before an XMPP server: init, run, reload, reset, doctor')
    .description('The gateway stands before an unmodified XMPP server, best on the same machine.')
    .helpCommand(false)
    .addCommand(initCommand())
    .addCommand(runCommand())
    .addCommand(reloadCommand())
    .addCommand(resetCommand())
    .addCommand(gatewayDoctorCommand());
}

function initCommand(): Command {
  return defineCommand('init', {
    summary: 'write gateway.toml and the key, print the invite',
    description:
      "Writes gateway.toml and, the first time, the gateway's key, and prints the invite for the users with the key's " +
      'fingerprint. Run again, it rewrites gateway.toml and keeps the key. With --json the last line of stdout is ' +
      '{"fingerprint":…,"invite":…}.',
    examples: [
      'simpp gateway init --domain example.org --listen 0.0.0.0:5222 --server 127.0.0.1:5223',
      'simpp gateway init --domain example.org --server 127.0.0.1:5222 --server-tls starttls --server-ca /etc/prosody/certs/ca.pem --public xmpp.example.org:5222 --listen 192.0.2.7:5222 --json',
    ],
    exitCodes: { 74: 'a file cannot be written', 77: 'the key cannot be read', 78: 'the key is of another profile' },
  })
    .addOption(
      new Option('--domain <domain>', 'an XMPP domain that it serves; may be repeated')
        .argParser(collect)
        .makeOptionMandatory(),
    )
    .addOption(endpointsOption('--listen <host:port>', 'where it listens; may be repeated (default: 0.0.0.0:5222)'))
    .addOption(endpointOption('--server <host:port>', 'the XMPP server').makeOptionMandatory())
    .addOption(
      new Option(
        '--server-tls <how>',
        'TLS to the server (default: none when the server is on loopback, else starttls)',
      ).choices(['none', 'starttls', 'direct']),
    )
    .option('--server-ca <file>', "PEM file with the CA of the server's certificate (default: the system's CAs)")
    .option('--tls-cert <file>', 'PEM certificate for clients without SIMPP, when the server has no TLS')
    .option('--tls-key <file>', 'PEM private key of --tls-cert')
    .addOption(
      new Option('--server-proxy-protocol <version>', "tell the server each client's address, ahead of everything else")
        .choices(['none', 'v1', 'v2'])
        .default('none'),
    )
    .addOption(
      new Option(
        '--redirect-host <host>',
        'where the server may send its clients (see-other-host), like xmpp2.example.org:5222 or *.example.org; may be repeated',
      ).argParser(collectChecked(hostPatternForm, parseHostPattern)),
    )
    .addOption(
      new Option(
        '--accept-proxy-protocol <network>',
        "where load balancers are, whose PROXY protocol header says the client's address; may be repeated",
      ).argParser(collectChecked(networkForm, parseNetwork)),
    )
    .addOption(
      new Option('--plain-clients <what>', 'clients without SIMPP: joined to the server, or refused')
        .choices(['splice', 'refuse'])
        .default('splice'),
    )
    .addOption(
      new Option('--guest <what>', 'channels that begin before the account is known, which domain set-ups need')
        .choices(['allow', 'refuse'])
        .default('allow'),
    )
    .addOption(
      new Option('--registration <what>', 'making accounts through the gateway before a login (XEP-0077)')
        .choices(['allow', 'refuse'])
        .default('refuse'),
    )
    .addOption(
      new Option(
        '--registered-over-tls <what>',
        'accounts with a SIMPP device that log in without SIMPP, over TLS here',
      )
        .choices(['allow', 'refuse'])
        .default('refuse'),
    )
    .addOption(
      endpointOption(
        '--public <host:port>',
        'the address in the invite (default: the listen address or, when that is a wildcard, the first domain)',
      ),
    )
    .addOption(
      new Option('--profile <profile>', 'the protocol; classic is broken and only reproduces the paper')
        .choices(['simpp-2', 'classic'])
        .default('simpp-2'),
    )
    .option('--force', 'replace an existing key by a new one: all invites end')
    .action(async (flags) => {
      const { initGateway } = await import('../gateway-init.ts');
      await initGateway(flags);
    });
}

function runCommand(): Command {
  return defineCommand('run', {
    summary: 'run the gateway',
    description:
      'Runs the gateway of gateway.toml. With --json, stdout gets one line {"ready":true,"listen":["0.0.0.0:5222"]} ' +
      'when it is ready; logs are on stderr. SIGTERM and SIGINT end it politely, a second one at once; SIGHUP reads ' +
      'gateway.toml again, as "simpp gateway reload" does.',
    examples: ['simpp gateway run', 'SIMPP_HOME=/var/lib/simpp simpp gateway run --json'],
    exitCodes: {
      71: 'the address is in use',
      74: 'the database cannot be used',
      75: 'a gateway already runs in this folder',
      77: 'the key cannot be read',
      78: 'gateway.toml is missing or not valid',
    },
  })
    .addOption(
      new Option('--log-level <level>', 'what is logged (default: as in gateway.toml, "info")').choices(logLevels),
    )
    .action(async (flags) => {
      const { runGateway } = await import('../gateway-run.ts');
      await runGateway(flags);
    });
}

function reloadCommand(): Command {
  return defineCommand('reload', {
    summary: 'have the running gateway read gateway.toml again',
    description:
      'The running gateway reads gateway.toml and its certificate files again, as on SIGHUP, and no connection ends. ' +
      'What counts after a restart only is named: listen and profile, and a new key. A file with mistakes changes ' +
      'nothing. With --json: {"taken":[…],"notes":[…]}.',
    examples: ['simpp gateway reload', 'SIMPP_HOME=/var/lib/simpp simpp gateway reload --json'],
    exitCodes: {
      69: 'no gateway runs in this folder',
      77: 'the key cannot be read',
      78: 'gateway.toml is missing or not valid',
    },
  }).action(async (flags) => {
    const { reloadGateway } = await import('../gateway-reload.ts');
    await reloadGateway(flags);
  });
}

function resetCommand(): Command {
  return defineCommand('reset', {
    summary: 'release an address whose account key is lost',
    description:
      'Lets the next login of the account under a new account key take its address in the directory: for a person who ' +
      'has lost all devices and the recovery phrase. Without --now that counts after 72 hours, and a device that the ' +
      'account still has ends it by connecting; use --now only when you know who asks. Unused, it ends 7 days later. ' +
      'Contacts are asked to compare the new key. Works on the running gateway, or on its database when none runs. ' +
      'With --json: {"jid":…,"kind":"allowed"|"cancelled",…}.',
    examples: [
      'simpp gateway reset alice@example.org',
      'simpp gateway reset alice@example.org --now',
      'simpp gateway reset alice@example.org --cancel --json',
    ],
    exitCodes: {
      65: 'the address is not valid',
      74: 'the database cannot be used',
      75: 'another program uses the database',
      78: 'the directory does not have the address',
    },
  })
    .argument('<address>', 'the account')
    .option('--now', 'at once, and no device can end it')
    .addOption(new Option('--cancel', 'the account keeps its key').conflicts('now'))
    .action(async (address, flags) => {
      const { resetAtGateway } = await import('../gateway-reset.ts');
      await resetAtGateway(address, flags);
    });
}
