import { Command } from 'commander';
import { defineCommand, quiet } from '../command.ts';

/** `simpp cert`, with `status`, `export` and `install`. */
export function certCommand(): Command {
  return quiet(new Command('cert'))
    .summary('the local authority, for clients that refuse plaintext: status, export, install')
    .description(
      'Clients that insist on TLS, like Dino and go-sendxmpp, connect to an address of listen_starttls or listen_tls ' +
        'in proxy.toml. The certificate there comes from an authority that the proxy makes for this machine and its ' +
        'set-ups alone. The client, or the whole system, has to trust that authority.',
    )
    .helpCommand(false)
    .addCommand(statusCommand())
    .addCommand(exportCommand())
    .addCommand(installCommand());
}

const filesFail = { 74: 'a file cannot be read or written', 77: 'the keystore cannot be opened' };
const nothingSetUp = { 78: 'nothing is set up, or a file is not valid' };

function statusCommand(): Command {
  return defineCommand('status', {
    summary: 'fingerprint, names and expiry, and whether the system trusts it',
    description:
      'Shows the local authority: SHA-256 fingerprint, the domains that it can certify, until when it is valid, and ' +
      'whether this system trusts it. Several are shown when a domain was set up after the first one was made.',
    examples: ['simpp cert status', 'simpp cert status --json'],
    exitCodes: { ...filesFail, ...nothingSetUp },
  }).action(async (flags) => {
    const { showCertStatus } = await import('../cert.ts');
    showCertStatus(flags);
  });
}

function exportCommand(): Command {
  return defineCommand('export', {
    summary: 'the certificate as PEM, for programs that take a file',
    description:
      'Writes the certificate of the local authority, never its key, as PEM to stdout or to a file. Makes the ' +
      'authority if there is none yet.',
    examples: ['simpp cert export --out simpp-ca.pem', 'SSL_CERT_FILE=simpp-ca.pem go-sendxmpp …'],
    exitCodes: { ...filesFail, ...nothingSetUp },
  })
    .option('-o, --out <file>', 'the file (default: stdout)')
    .action(async (flags) => {
      const { exportCert } = await import('../cert.ts');
      await exportCert(flags);
    });
}

function installCommand(): Command {
  return defineCommand('install', {
    summary: 'make the system trust the local authority, or say how',
    description:
      'As root on Linux: adds the certificate to what the system trusts. Anywhere else: prints the exact commands, ' +
      'which need an administrator. Makes the authority if there is none yet. With --json: {"done":…,"commands":[…]}.',
    examples: ['simpp cert install', 'simpp cert install --print', 'simpp cert install --remove'],
    exitCodes: {
      ...filesFail,
      69: 'a program of the system is missing',
      78: 'nothing is set up, or a file is not valid',
    },
  })
    .option('--remove', 'undo it')
    .option('--print', 'only print the commands, also as root')
    .action(async (flags) => {
      const { installCert } = await import('../cert-install.ts');
      await installCert(flags);
    });
}
