import type { Command } from 'commander';
import { defineCommand } from '../command.ts';

const exitCodes = {
  0: 'nothing to mend; warnings may be there',
  1: 'there are problems',
  65: 'the address cannot be read',
};

/** `simpp doctor`. */
export function doctorCommand(): Command {
  return defineCommand('doctor', {
    summary: 'find out what is wrong, and what mends it',
    description:
      'Looks at this machine, the files, the running proxy and gateway, and at the way of each set-up to its server. ' +
      'Each finding has one line; below it stands the command, or the line of a file, that mends it. Nothing is ' +
      'changed. No password is used, unless --login asks for a real login of each account. With --json: one line ' +
      '{"ok":…,"problems":…,"warnings":…,"findings":[{"about":…,"check":…,"verdict":…,"text":…,"mend":…}]}.',
    examples: ['simpp doctor', 'simpp doctor alice@example.org --login', 'simpp doctor --json'],
    exitCodes,
  })
    .argument('[address]', 'only this set-up, or those of this domain')
    .option('--login', 'log in with each stored password, and look at what the server can do')
    .action(async (address: string | undefined, flags) => {
      const { runDoctor } = await import('../doctor.ts');
      await runDoctor({ ...flags, ...(address === undefined ? {} : { address }) });
    });
}

/** `simpp gateway doctor`. */
export function gatewayDoctorCommand(): Command {
  return defineCommand('doctor', {
    summary: 'find out what is wrong with the gateway, and what mends it',
    description:
      'Looks at the files of the gateway, its listening addresses, its certificate, and at the server behind it for ' +
      'each domain. Output and exit codes are those of "simpp doctor".',
    examples: ['simpp gateway doctor', 'sudo SIMPP_HOME=/var/lib/simpp simpp gateway doctor --json'],
    exitCodes,
  }).action(async (flags) => {
    const { runDoctor } = await import('../doctor.ts');
    await runDoctor({ ...flags, role: 'gateway' });
  });
}
