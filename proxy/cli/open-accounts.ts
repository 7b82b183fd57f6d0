// The proxy's accounts with their secrets, for the process that owns them.

import { readFileSync } from 'node:fs';
import { SimppError } from '../../shared/errors.ts';
import type { Home } from '../config/home.ts';
import type { KeystoreKind } from '../keystore/header.ts';
import { openKeystore } from '../keystore/keystore.ts';
import { AccountStore } from '../store/accounts.ts';
import { HintedError } from './hint.ts';

const kinds = ['file', 'passphrase', 'keyring'] as const satisfies readonly KeystoreKind[];

/**
 * Opens keystore and database. A keystore that does not exist yet is of the
 * kind in SIMPP_KEYSTORE: a key file, or a passphrase when
 * SIMPP_PASSPHRASE_FILE names one.
 */
export async function openAccounts(home: Home): Promise<AccountStore> {
  const file = process.env['SIMPP_PASSPHRASE_FILE'];
  const key = await openKeystore(home.keystoreDir, {
    kind: wantedKind(file),
    ...(file !== undefined && { passphrase: () => readPassphrase(file) }),
  });
  return AccountStore.open(home.proxyDatabase, key);
}

function wantedKind(passphraseFile: string | undefined): KeystoreKind {
  const wanted = process.env['SIMPP_KEYSTORE'];
  if (wanted === undefined || wanted === '') return passphraseFile === undefined ? 'file' : 'passphrase';
  const kind = kinds.find((candidate) => candidate === wanted);
  if (kind === undefined) throw new SimppError('usage', `SIMPP_KEYSTORE must be ${kinds.join(', ')}, not ${wanted}.`);
  return kind;
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
