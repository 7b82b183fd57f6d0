import { Command } from 'commander';
import { quiet } from '../command.ts';
import { deskCommand } from './desk-command.ts';

/** `simpp devices`, with `list`, `approve` and `remove`. */
export function devicesCommand(): Command {
  return quiet(new Command('devices'))
    .summary('your own devices: list, approve, remove')
    .description(
      'The machines on which you read and write. A new one waits until another one of yours approves it, or until the ' +
        'recovery phrase is entered there.',
    )
    .helpCommand(false)
    .addCommand(listCommand(), { isDefault: true })
    .addCommand(approveCommand())
    .addCommand(removeCommand());
}

function listCommand(): Command {
  return deskCommand('list', {
    summary: 'all of them (the default)',
    description:
      'Lists your devices. One that waits is shown with its code: approve it only if it shows the same code itself.',
    examples: ['simpp devices', 'simpp devices list --json'],
  }).action(async (flags) => {
    const { showDevices } = await import('../endtoend/devices.ts');
    await showDevices(flags);
  });
}

function approveCommand(): Command {
  return deskCommand('approve', {
    summary: 'let a new device read and write',
    description:
      'Takes a device that waits into the list of yours. Give the code that the new device itself shows, or its id: then ' +
      'it asks whether the codes are the same.',
    examples: ['simpp devices approve 7Q3F-K2MZ-9XAB', 'simpp devices approve abcdef00 --yes --json'],
    exitCodes: { 77: 'the account key is not on this machine: the recovery phrase is needed', 130: 'cancelled' },
  })
    .argument('<device>', 'its code, or the beginning of its id')
    .option('-y, --yes', 'with an id: the codes were compared')
    .action(async (device: string, flags) => {
      const { approve } = await import('../endtoend/devices.ts');
      await approve(device, flags);
    });
}

function removeCommand(): Command {
  return deskCommand('remove', {
    summary: 'take a device off the list',
    description:
      'Removes a device. People stop encrypting for it as soon as they hear of it; what it has read, it has read. Change ' +
      'the password of the account as well if it was stolen.',
    examples: ['simpp devices remove abcdef00', 'simpp devices remove abcdef00 --yes --json'],
    exitCodes: { 77: 'the account key is not on this machine: the recovery phrase is needed', 130: 'cancelled' },
  })
    .argument('<device>', 'the beginning of its id, or its code')
    .option('-y, --yes', 'do not ask')
    .action(async (device: string, flags) => {
      const { remove } = await import('../endtoend/devices.ts');
      await remove(device, flags);
    });
}
