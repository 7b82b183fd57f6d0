// The command line: declares the commands, whose work is loaded only when one
// runs, and turns every failure into text or JSON and an exit code.

import { Command, CommanderError } from 'commander';
import { readVersion } from '../version.ts';
import { quiet } from './command.ts';
import { accountsCommand } from './commands/accounts.ts';
import { exportCommand, importCommand } from './commands/backup.ts';
import { certCommand } from './commands/cert.ts';
import { contactsCommand } from './commands/contacts.ts';
import { devicesCommand } from './commands/devices.ts';
import { doctorCommand } from './commands/doctor.ts';
import { fingerprintCommand } from './commands/fingerprint.ts';
import { gatewayCommand } from './commands/gateway.ts';
import { historyCommand } from './commands/history.ts';
import { logCommand } from './commands/log.ts';
import { outboxCommand } from './commands/outbox.ts';
import { policyCommand } from './commands/policy.ts';
import { proxyCommand } from './commands/proxy.ts';
import { recoveryCommand } from './commands/recovery.ts';
import { serviceCommand } from './commands/service.ts';
import { setupCommand } from './commands/setup.ts';
import { statusCommand } from './commands/status.ts';
import { trustCommand } from './commands/trust.ts';
import { tryCommand } from './commands/try.ts';
import { verifyCommand } from './commands/verify.ts';
import { reportError } from './report.ts';

/** Runs one command line; resolves with the exit code. */
export async function runProgram(args: readonly string[]): Promise<number> {
  // A reader that went away, like head, ends the program quietly.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 74));
  const program = defineProgram();
  try {
    await program.parseAsync(args, { from: 'user' });
    // A command that did its work may still have bad news.
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    // Without a command, commander has shown the help on stderr.
    if (error instanceof CommanderError && error.code === 'commander.help') return 64;
    return reportError(error, wantsJson(args));
  }
}

/** All commands, as declared. */
export function defineProgram(): Command {
  return quiet(new Command('simpp'))
    .description('Transparent encryption for XMPP: a proxy beside your client, a gateway before the server.')
    .version(readVersion(), '-V, --version', 'show the version')
    .helpCommand('help [command]', 'show the help of a command')
    .addCommand(tryCommand())
    .addCommand(setupCommand())
    .addCommand(proxyCommand())
    .addCommand(gatewayCommand())
    .addCommand(statusCommand())
    .addCommand(accountsCommand())
    .addCommand(contactsCommand())
    .addCommand(verifyCommand())
    .addCommand(trustCommand())
    .addCommand(policyCommand())
    .addCommand(devicesCommand())
    .addCommand(outboxCommand())
    .addCommand(historyCommand())
    .addCommand(recoveryCommand())
    .addCommand(exportCommand())
    .addCommand(importCommand())
    .addCommand(doctorCommand())
    .addCommand(serviceCommand())
    .addCommand(fingerprintCommand())
    .addCommand(certCommand())
    .addCommand(logCommand())
    .addHelpText(
      'after',
      [
        '',
        'To look at it:           simpp try',
        'As a user:               simpp setup, then simpp proxy',
        'As an administrator:     simpp gateway init, then simpp gateway run',
        'When something fails:    simpp doctor',
        '',
        '"simpp COMMAND --help" explains each command with examples.',
      ].join('\n'),
    );
}

/** Whether errors are to be JSON, also when the command line could not be read. */
function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end < 0 ? args.length : end).includes('--json');
}
