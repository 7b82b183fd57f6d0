// The proxy's accounts with their secrets, for the process that owns them.

import { readFileSync } from 'node:fs';
import type { Home } from '../config/home.ts';
import { openKeystore } from '../keystore/keystore.ts';
import { AccountStore } from '../store/accounts.ts';
import { HintedError } from './hint.ts';

/** Opens keystore and database; a passphrase comes from the file in SIMPP_PASSPHRASE_FILE. */
export async function openAccounts(home: Home): Promise<AccountStore> {
  const file = process.env['SIMPP_PASSPHRASE_FILE'];
  const key = await openKeystore(
    home.keystoreDir,
    file === undefined ? {} : { passphrase: () => readPassphrase(file) },
  );
  return AccountStore.open(home.proxyDatabase, key);
}

function readPassphrase(file: string): Promise<string> {
  try {
    return Promise.resolve(readFileSync(file, 'utf8').split(/\r?\n/, 1)[0] ?? '');
  } catch (error) {
    throw new HintedError(
      'keystore-locked',
      `The passphrase file ${file} cannot be read.`,
      'SIMPP_PASSPHRASE_FILE names it.',
      {
        cause: error,
      },
    );
  }
}
