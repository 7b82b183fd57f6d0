// Backups of accounts, for the process that owns the databases. A backup passes
// to a command as a file in the proxy's own folder: a proxy that runs as a
// service may be allowed to write nowhere else, and no message of the control
// socket could hold a long history.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { toHex } from '../../shared/bytes.ts';
import { SimppError } from '../../shared/errors.ts';
import { createPrivateFile, readPrivateFile } from '../keystore/private-file.ts';
import { exportAccount, importAccount, type Restored } from '../store/endtoend/backup.ts';
import type { ProxyStores } from './open-accounts.ts';

export interface Backups {
  /** The name of a new file in the folder, for the caller to take away. */
  export(jid: string, passphrase: string): Promise<string>;
  /** `file` is a name in the folder; it stays there. */
  import(file: string, passphrase: string): Promise<Restored>;
}

/** Backups that come and go through a folder. */
export function backupsIn(folder: string, { accounts, stores }: Pick<ProxyStores, 'accounts' | 'stores'>): Backups {
  return {
    async export(jid, passphrase) {
      // Asking for the store of an account makes one.
      if (accounts.identity(jid) === undefined) {
        throw new SimppError('usage', `${jid} has no keys on this machine yet, so there is nothing to back up.`);
      }
      const name = newBackupName();
      createPrivateFile(join(folder, name), await exportAccount(accounts, stores.account(jid), passphrase));
      return name;
    },
    async import(file, passphrase) {
      const bytes = readPrivateFile(join(folder, file));
      if (bytes === undefined) throw new SimppError('storage-failed', `There is no file ${file} in ${folder}.`);
      return importAccount(bytes, passphrase, accounts, stores);
    },
  };
}

/** A name that nobody else has. */
export const newBackupName = (): string => `${toHex(randomBytes(16))}.simpp`;
