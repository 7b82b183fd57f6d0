// The proxy's secrets: the keystore opens, and the database beside it is whole,
// of a version that is known, and sealed under that keystore.

import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { asSimppError } from '../../shared/errors.ts';
import { openColumn } from '../keystore/column.ts';
import type { KeystoreKey } from '../keystore/key.ts';
import { keystoreKind } from '../keystore/keystore.ts';
import { accountMigrations } from '../store/account-schema.ts';
import { inspectDatabase } from './database-file.ts';
import { findings, type Finding } from './finding.ts';
import { checkPrivateFiles } from './private-files.ts';

export interface SecretsOptions {
  readonly keystoreDir: string;
  readonly databaseFile: string;
  /** Opens the keystore as the proxy would; undefined when its passphrase is not at hand. */
  readonly openKey: () => Promise<KeystoreKey | undefined>;
  /** A running proxy has opened both, and holds the database. */
  readonly isRunning: boolean;
}

const keystore = findings('keystore');
const database = findings('database');

export async function checkSecrets(options: SecretsOptions): Promise<Finding[]> {
  const { keystoreDir, databaseFile, isRunning } = options;
  const files = [join(keystoreDir, 'keystore.json'), join(keystoreDir, 'keystore.key')];
  const open = checkPrivateFiles(files, keystore);
  if (open.length > 0) return open;
  if (isRunning) {
    return [
      keystore.ok(`The running proxy has opened the keystore (${kindOf(keystoreDir)}).`),
      database.ok(`The running proxy uses ${databaseFile}.`),
    ];
  }
  const { found, key } = await openKeystore(options);
  return [...found, ...inspectDatabase(databaseFile, database, (opened) => inspectAccounts(opened, databaseFile, key))];
}

const kindNames = { file: 'a key file', passphrase: 'a passphrase', keyring: "the system's keyring" } as const;

function kindOf(dir: string): string {
  const kind = keystoreKind(dir);
  return kind === undefined ? 'none yet' : kindNames[kind];
}

async function openKeystore({ keystoreDir, openKey }: SecretsOptions): Promise<{
  readonly found: Finding[];
  readonly key?: KeystoreKey;
}> {
  try {
    // Opening makes a keystore where there is none: that is not for a doctor to do.
    const kind = keystoreKind(keystoreDir);
    if (kind === undefined)
      return { found: [keystore.note('There is no keystore yet; it is made at the first set-up.')] };
    const key = await openKey();
    if (key === undefined) {
      return {
        found: [
          keystore.warning(
            'The keystore needs its passphrase, and nobody can be asked here: whether it opens was not tried.',
            'SIMPP_PASSPHRASE_FILE=/path/to/passphrase simpp doctor',
          ),
        ],
      };
    }
    return { found: [keystore.ok(`The keystore opens (${kindNames[kind]}).`)], key };
  } catch (error) {
    const [, text = '', command] = /^(.*?)(?: Run: (.+))?$/s.exec(asSimppError(error).message) ?? [];
    return { found: [keystore.problem(text, command ?? mendOf(keystoreDir))] };
  }
}

function mendOf(dir: string): string {
  return keystoreKindOrNone(dir) === 'passphrase'
    ? 'SIMPP_PASSPHRASE_FILE=/path/to/passphrase simpp doctor'
    : `restore ${dir} and the database beside it from the same backup`;
}

/** A damaged header has no kind. */
function keystoreKindOrNone(dir: string): ReturnType<typeof keystoreKind> {
  try {
    return keystoreKind(dir);
  } catch {
    return undefined;
  }
}

function inspectAccounts(opened: DatabaseSync, path: string, key: KeystoreKey | undefined): Finding[] {
  const version = Number(opened.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  const newest = accountMigrations.length;
  if (version > newest) {
    return [
      database.problem(
        `${path} was written by a newer simpp (schema ${version}, this one knows ${newest}).`,
        'simpp --version   # then install the newer one',
      ),
    ];
  }
  if (version > 0 && key !== undefined && !isSealedUnder(key, opened)) {
    return [
      database.problem(
        `${path} was sealed under another keystore than the one beside it.`,
        'restore proxy.db and keystore/ from the same backup',
      ),
    ];
  }
  const age = version < newest ? '; the next start brings its tables up to date' : '';
  return [database.ok(`${path} is whole${age}.`)];
}

/** The value whose opening shows that the keystore is the right one (proxy/store/account-schema.ts). */
function isSealedUnder(key: KeystoreKey, opened: DatabaseSync): boolean {
  const sealed = opened.prepare('SELECT check_sealed FROM installation WHERE id = 1').get()?.['check_sealed'];
  if (!(sealed instanceof Uint8Array)) return true;
  try {
    openColumn(key, { table: 'installation', row: '1', column: 'check_sealed' }, sealed);
    return true;
  } catch {
    return false;
  }
}
