// `simpp devices`: one's own devices, and which may read and write.
import { normalizedApprovalCode } from '../../../shared/simpp/approval-code.ts';
import { approveDevice, listDevices, removeDevice } from '../../control/end-to-end-methods.ts';
import { shownCode, findDevice } from '../../endtoend/contact/device-choice.ts';
import { day, shortId } from '../../endtoend/contact/layout.ts';
import { english } from '../../endtoend/contact/words/english.ts';
import type { DeviceFacts } from '../../endtoend/desk.ts';
import { processOutput } from '../output.ts';
import { tableLines } from '../table.ts';
import { confirmOrYes } from './confirm.ts';
import { atDesk, type DeskFlags } from './remote-desk.ts';

/** The command line of `approve` and `remove`. */
export interface DeviceFlags extends DeskFlags {
  readonly yes?: boolean;
}

const words = {
  ...english,
  noSuchDevice: (word: string) => `No device that this is possible for is called "${word}"; "simpp devices" lists all.`,
};

/** Runs `simpp devices list`. */
export async function showDevices(flags: DeskFlags): Promise<void> {
  const output = processOutput(flags.json === true);
  await atDesk(flags, async (desk) => {
    const { devices } = await desk.call(listDevices);
    output.result({ account: desk.account, devices });
    for (const line of deviceLines(devices, process.stdout.columns)) output.say(line);
  });
}

/** Runs `simpp devices approve`. */
export async function approve(word: string, { yes = false, ...flags }: DeviceFlags): Promise<void> {
  const output = processOutput(flags.json === true);
  await atDesk(flags, async (desk) => {
    const { devices } = await desk.call(listDevices);
    const device = findDevice(devices, word, words, ({ state, isThis }) => state === 'waiting' && !isThis);
    // Whoever types the code has compared it; an id alone says nothing about the keys behind it.
    if (!isCode(device, word)) {
      await confirmOrYes(
        `Does the new device show the code ${shownCode(device.code ?? '')}?`,
        yes,
        output,
        'Give the code that the new device shows in place of its id, or --yes: that you have compared it.',
      );
    }
    const after = await desk.call(approveDevice, { id: device.id });
    output.result({ account: desk.account, approved: device.id, devices: after.devices });
    output.say(`${english.approved}\n`);
    for (const line of deviceLines(after.devices, process.stdout.columns)) output.say(line);
  });
}

/** Runs `simpp devices remove`. */
export async function remove(word: string, { yes = false, ...flags }: DeviceFlags): Promise<void> {
  const output = processOutput(flags.json === true);
  await atDesk(flags, async (desk) => {
    const { devices } = await desk.call(listDevices);
    const device = findDevice(devices, word, words, ({ state }) => state !== 'removed');
    await confirmOrYes(`Remove the device ${shortId(device.id)}? It can read nothing new after that.`, yes, output);
    const after = await desk.call(removeDevice, { id: device.id });
    output.result({ account: desk.account, removed: device.id, devices: after.devices });
    output.say(`${english.removed}\n`);
    for (const line of deviceLines(after.devices, process.stdout.columns)) output.say(line);
  });
}

/** All devices, and what to do about those that wait; `columns` of the terminal, if it is one. */
export function deviceLines(devices: readonly DeviceFacts[], columns: number | undefined): readonly string[] {
  if (devices.length === 0) return [english.noDevices];
  const column = (head: string, leastOf: number, cell: (device: DeviceFacts) => string) => ({
    head,
    leastOf,
    cells: devices.map(cell),
  });
  const table = tableLines(
    [
      column('DEVICE', 0, ({ id }) => shortId(id)),
      column('STATE', 0, ({ state, isThis }) => `${english.deviceState[state]}${isThis ? ', this one' : ''}`),
      column('SINCE', 1, ({ since }) => day(since)),
      column('LAST SEEN', 2, ({ lastSeen }) => (lastSeen === undefined ? '' : day(lastSeen))),
      column('CODE', 0, ({ code }) => (code === undefined ? '' : shownCode(code))),
      column('NOTE', 3, ({ note = '' }) => note),
    ],
    columns,
  );
  return [...table, ...devices.filter(({ state }) => state === 'waiting').flatMap(waitingLines)];
}

function waitingLines({ id, code = '', isThis }: DeviceFacts): readonly string[] {
  const shown = shownCode(code);
  if (isThis) {
    return [
      '',
      'This device waits. To let it in, on another device of yours, if that shows the same code:',
      `  simpp devices approve ${shown}`,
      'or with the recovery phrase, here:',
      '  simpp recovery enter',
    ];
  }
  return [
    '',
    `${shortId(id)} wants to be a device of yours. Only if you see its code on your new device:`,
    `  simpp devices approve ${shown}`,
    `If it is not yours, change your password, then: simpp devices remove ${shortId(id)}`,
  ];
}

function isCode({ code }: DeviceFacts, word: string): boolean {
  return code !== undefined && normalizedApprovalCode(code) === normalizedApprovalCode(word);
}
