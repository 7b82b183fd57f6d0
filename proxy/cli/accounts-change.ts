// `simpp accounts password` and `remove`.

import { rmSync } from 'node:fs';
import { SimppError } from '../../shared/errors.ts';
import { parseSetupName } from '../address.ts';
import { findHome, type Home } from '../config/home.ts';
import { removeAccount } from '../control/account-methods.ts';
import { connectControl } from '../control/client.ts';
import { reload } from '../control/methods.ts';
import { controlSocketPath } from '../control/socket-path.ts';
import { setupName } from '../options.ts';
import { readAccountRows, type AccountRow } from './account-rows.ts';
import { notSetUp } from './accounts.ts';
import { openAccounts } from './open-accounts.ts';
import { processOutput, type Output } from './output.ts';
import { checkPassword, readPasswordFile } from './password-file.ts';
import { storePassword } from './setup-apply.ts';

/** Runs `simpp accounts password`. */
export async function changePassword(
  address: string,
  { passwordFile, json = false }: { readonly passwordFile?: string; readonly json?: boolean },
): Promise<void> {
  const output = processOutput(json);
  const home = findHome();
  const name = parseSetupName(address);
  if (name.kind === 'domain') {
    throw new SimppError('usage', 'A domain has no password of its own; each client sends its own through it.');
  }
  const row = (await readAccountRows(home)).find((each) => each.name === name.jid && each.file !== undefined);
  if (row === undefined) throw notSetUp(name.jid);
  const password = passwordFile === undefined ? await askPassword(name.jid, output) : readPasswordFile(passwordFile);
  const proxy = await connectControl(controlSocketPath(home, 'proxy'));
  await storePassword(home, proxy, name.jid, password).finally(() => proxy?.close());
  output.say(`The password of ${name.jid} is stored.`);
  output.result({ name: name.jid, stored: true });
}

/** Runs `simpp accounts remove`. */
export async function removeAll(
  address: string,
  { yes = false, json = false }: { readonly yes?: boolean; readonly json?: boolean },
): Promise<void> {
  const output = processOutput(json);
  const home = findHome();
  const name = setupName(parseSetupName(address));
  const rows = (await readAccountRows(home)).filter((row) => row.name === name || row.through === name);
  if (rows.length === 0) throw notSetUp(name);
  if (!yes) await confirmRemoval(name, rows, output);
  const file = rows.find((row) => row.name === name)?.file;
  if (file !== undefined) removeFile(file);
  await removeStored(
    home,
    rows.map((row) => row.name),
    output,
  );
  output.say(`${name} is removed${rows.length > 1 ? `, with ${rows.length - 1} more of its domain` : ''}.`);
  output.result({ removed: rows.map((row) => row.name) });
}

/** The set-up is gone before its keys are, so that nobody logs in without them meanwhile. */
async function removeStored(home: Home, names: readonly string[], output: Output): Promise<void> {
  const proxy = await connectControl(controlSocketPath(home, 'proxy'));
  if (proxy !== undefined) {
    try {
      for (const note of (await proxy.call(reload, {})).notes) output.say(`  note         ${note}`);
      for (const name of names) await proxy.call(removeAccount, { name });
    } finally {
      proxy.close();
    }
    return;
  }
  const accounts = await openAccounts(home);
  try {
    for (const name of names) accounts.remove(name);
  } finally {
    accounts.close();
  }
}

function removeFile(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch (cause) {
    throw new SimppError('storage-failed', `The file ${file} cannot be removed.`, { cause });
  }
}

async function confirmRemoval(name: string, rows: readonly AccountRow[], output: Output): Promise<void> {
  if (output.json || !process.stdin.isTTY || !process.stdout.isTTY) {
    throw new SimppError('usage', `Removing ${name} cannot be undone: --yes says that you mean it.`);
  }
  const { confirm, isCancel, note } = await import('@clack/prompts');
  const lines = [
    'Its password and its keys on this machine; its account at the server stays.',
    'Another set-up of it will be a new device, which the gateway holds as pending.',
    ...(rows.length > 1
      ? [
          `So are those of ${rows
            .slice(1, 9)
            .map((row) => row.name)
            .join(', ')}${rows.length > 9 ? ' …' : ''}.`,
        ]
      : []),
  ];
  note(lines.join('\n'), `This will be removed: ${name}`, { format: (line) => line });
  const answer = await confirm({ message: 'Remove it?', initialValue: false });
  if (isCancel(answer) || !answer) throw new SimppError('cancelled');
}

async function askPassword(jid: string, output: Output): Promise<string> {
  if (output.json || !process.stdin.isTTY || !process.stdout.isTTY) {
    throw new SimppError('usage', 'Give the password with --password-file FILE (- reads stdin).');
  }
  const { isCancel, password } = await import('@clack/prompts');
  const answer = await password({
    message: `Password of ${jid}?`,
    validate: (text) => {
      try {
        checkPassword(text ?? '');
        return undefined;
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },
  });
  if (isCancel(answer)) throw new SimppError('cancelled');
  return answer;
}
