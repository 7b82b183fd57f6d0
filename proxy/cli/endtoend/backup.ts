// `simpp export` and `simpp import`: an account in one file, under a
// passphrase. Through the proxy where it runs, since it alone may open the
// databases then; else on the databases.
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SimppError } from '../../../shared/errors.ts';
import { findHome, makeHome, type Home } from '../../config/home.ts';
import { readSetups } from '../../config/accounts.ts';
import { connectControl } from '../../control/client.ts';
import { exportAccount, importAccount } from '../../control/end-to-end-methods.ts';
import { controlSocketPath } from '../../control/socket-path.ts';
import { createPrivateFile, readPrivateFile } from '../../keystore/private-file.ts';
import { setupName } from '../../options.ts';
import type { Restored } from '../../store/endtoend/backup.ts';
import { newBackupName, type Backups } from '../backups.ts';
import { HintedError } from '../hint.ts';
import { processOutput, type Output } from '../output.ts';
import { askPassphrase, canAsk } from '../passphrase-prompt.ts';
import { readSecretFile } from '../password-file.ts';
import { readJid } from './remote-desk.ts';

/** The command line of both. */
export interface BackupFlags {
  readonly passphraseFile?: string;
  readonly json?: boolean;
}

const maxBackupBytes = 512 * 2 ** 20;

/** Runs `simpp export`. */
export async function exportTo(address: string, file: string, flags: BackupFlags): Promise<void> {
  const output = processOutput(flags.json === true);
  const jid = readJid(address);
  const home = findHome();
  if (existsSync(file)) throw new SimppError('usage', `${file} exists already; choose another name.`);
  // Opening it would make one.
  if (!existsSync(home.proxyDatabase)) {
    throw new HintedError('config-missing', `There is no ${home.proxyDatabase}.`, 'SIMPP_HOME chooses another folder.');
  }
  const passphrase = await readPassphrase(true, flags, output);
  const bytes = await withBackups(home, async (backups) => {
    const name = await backups.export(jid, passphrase);
    return takeAway(join(home.stateDir, name));
  });
  writeNew(file, bytes);
  output.result({ account: jid, file, bytes: bytes.length });
  output.say(`${jid} is in ${file} (${Math.ceil(bytes.length / 1024)} KiB), sealed under the passphrase.`);
  output.say('Take it to one machine only: "simpp import" there, and never run both copies at once.');
}

/** Runs `simpp import`. */
export async function importFrom(file: string, flags: BackupFlags): Promise<void> {
  const output = processOutput(flags.json === true);
  const home = findHome();
  const bytes = readBackup(file);
  const passphrase = await readPassphrase(false, flags, output);
  makeHome(home);
  const restored = await withBackups(home, async (backups) => {
    const name = newBackupName();
    createPrivateFile(join(home.stateDir, name), bytes);
    try {
      return await backups.import(name, passphrase);
    } finally {
      rmSync(join(home.stateDir, name), { force: true });
    }
  });
  const isSetUp = readSetups(home.accountsDir).some(({ setup }) => setupName(setup) === restored.jid);
  output.result({ ...restored, isSetUp });
  for (const line of restoredLines(restored, isSetUp)) output.say(line);
}

function restoredLines({ jid, contacts, messages, unsent }: Restored, isSetUp: boolean): string[] {
  return [
    `${jid} is back: ${contacts} contacts, ${messages} messages of history, ${unsent} in the outbox.`,
    'Each conversation begins a new session, by itself. Do not run the old copy any more.',
    ...(isSetUp ? [] : [`Its password was not in the backup: simpp setup ${jid}`]),
  ];
}

/** The running proxy's, or one's own. */
async function withBackups<Result>(home: Home, work: (backups: Backups) => Promise<Result>): Promise<Result> {
  const proxy = await connectControl(controlSocketPath(home, 'proxy'));
  if (proxy !== undefined) {
    try {
      return await work({
        export: async (account, passphrase) => (await proxy.call(exportAccount, { account, passphrase })).file,
        import: (file, passphrase) => proxy.call(importAccount, { file, passphrase }),
      });
    } finally {
      proxy.close();
    }
  }
  const [{ openProxyStores }, { backupsIn }] = await Promise.all([
    import('../open-accounts.ts'),
    import('../backups.ts'),
  ]);
  const { accounts, stores } = await openProxyStores(home);
  try {
    return await work(backupsIn(home.stateDir, { accounts, stores }));
  } finally {
    stores.close();
    accounts.close();
  }
}

async function readPassphrase(isNew: boolean, { passphraseFile }: BackupFlags, output: Output): Promise<string> {
  if (passphraseFile !== undefined) {
    const passphrase = readSecretFile(passphraseFile, 'passphrase');
    if (passphrase === '') throw new SimppError('usage', 'The passphrase file is empty.');
    return passphrase;
  }
  if (output.json || !canAsk()) {
    throw new SimppError('usage', 'Give the passphrase with --passphrase-file FILE (- reads stdin).');
  }
  return askPassphrase(isNew, undefined, {
    choose: 'Choose a passphrase for the backup. Without it nobody can read it, nor can you.',
    existing: 'Passphrase of the backup?',
  });
}

function takeAway(path: string): Uint8Array {
  try {
    const bytes = readPrivateFile(path);
    if (bytes === undefined) throw new SimppError('storage-failed', `The proxy wrote no ${path}.`);
    return bytes;
  } finally {
    rmSync(path, { force: true });
  }
}

/** Durable, the owner's only, and never over what is there. */
function writeNew(file: string, bytes: Uint8Array): void {
  try {
    const handle = openSync(file, 'wx', 0o600);
    try {
      writeFileSync(handle, bytes);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch (cause) {
    throw new SimppError('storage-failed', `The file ${file} cannot be written.`, { cause });
  }
}

function readBackup(file: string): Uint8Array {
  try {
    if (statSync(file).size > maxBackupBytes) {
      throw new SimppError('usage', `${file} is larger than 512 MiB, which no backup is.`);
    }
    return new Uint8Array(readFileSync(file));
  } catch (cause) {
    if (cause instanceof SimppError) throw cause;
    throw new HintedError('usage', `The backup ${file} cannot be read.`, 'Is its name right, and may you read it?', {
      cause,
    });
  }
}
