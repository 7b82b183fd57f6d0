import { Argument, Command, Option } from 'commander';
import { platforms } from '../../service/service.ts';
import { defineCommand, quiet } from '../command.ts';

/** `simpp service`, with `install`, `uninstall` and `status`. */
export function serviceCommand(): Command {
  return quiet(new Command('service'))
    .summary('start by itself: install, uninstall, status')
    .description(
      'Lets the proxy start when you log in, or the gateway with the machine: by systemd, launchd or the Windows Task ' +
        'Scheduler.',
    )
    .helpCommand(false)
    .addCommand(installCommand())
    .addCommand(uninstallCommand())
    .addCommand(statusCommand());
}

const exitCodes = {
  69: 'a program of the system is missing',
  74: 'the file cannot be written, or the system does not take it',
  78: 'nothing is set up yet',
};

function installCommand(): Command {
  return defineCommand('install', {
    summary: 'write the service and start it',
    description:
      'Writes the file of the service and tells the system to start it, now and from now on. Run again, it replaces the ' +
      'file and starts anew. --print only shows the file, also that of another system. With --json: one line ' +
      '{"file":…,"started":…,"commands":[…]}, with --print {"file":…,"text":…,"commands":[…]}.',
    examples: [
      'simpp service install',
      'simpp service install --print',
      'sudo simpp service install gateway',
      'simpp service install --print --platform win32',
    ],
    exitCodes,
  })
    .addArgument(roleArgument())
    .option('--print', 'only show the file and the commands')
    .addOption(new Option('--platform <name>', 'with --print: of this system').choices(platforms))
    .action(async (role: 'proxy' | 'gateway', flags) => {
      const { installService } = await import('../service.ts');
      await installService(role, flags);
    });
}

function uninstallCommand(): Command {
  return defineCommand('uninstall', {
    summary: 'stop the service and remove its file',
    description: 'Stops the service and removes its file. What is set up stays.',
    examples: ['simpp service uninstall', 'sudo simpp service uninstall gateway --json'],
    exitCodes,
  })
    .addArgument(roleArgument())
    .action(async (role: 'proxy' | 'gateway', flags) => {
      const { uninstallService } = await import('../service.ts');
      await uninstallService(role, flags);
    });
}

function statusCommand(): Command {
  return defineCommand('status', {
    summary: 'whether it is installed, current and running',
    description:
      'Shows whether the service is installed, whether its file is the one that this simpp would write, and whether the ' +
      'role runs. With --json: one line {"file":…,"installed":…,"current":…,"running":…}.',
    examples: ['simpp service status', 'simpp service status gateway --json'],
  })
    .addArgument(roleArgument())
    .action(async (role: 'proxy' | 'gateway', flags) => {
      const { showService } = await import('../service.ts');
      await showService(role, flags);
    });
}

function roleArgument(): Argument {
  return new Argument('[role]', 'what is to start').choices(['proxy', 'gateway']).default('proxy');
}
