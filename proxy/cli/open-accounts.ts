// The proxy's databases with their secrets, for the process that owns them.

import type { Home } from '../config/home.ts';
import { AccountStore } from '../store/accounts.ts';
import { EndToEndStores } from '../store/endtoend/stores.ts';
import { openHomeKeystore, type OpenOptions } from './keystore.ts';
import { processOutput } from './output.ts';

/** Both databases of a proxy. */
export interface OpenStores {
  readonly accounts: AccountStore;
  readonly stores: EndToEndStores;
}

/** Opens keystore and database, or makes them; throws SimppError. */
export async function openAccounts(home: Home, options: Partial<OpenOptions> = {}): Promise<AccountStore> {
  const key = await openHomeKeystore(home, { warn: processOutput(false).warn, ...options });
  return AccountStore.open(home.proxyDatabase, key);
}

/** The same with the database of end-to-end encryption. */
export async function openStores(home: Home): Promise<OpenStores> {
  const key = await openHomeKeystore(home, { warn: processOutput(false).warn });
  const accounts = AccountStore.open(home.proxyDatabase, key);
  try {
    return { accounts, stores: EndToEndStores.open(home.endToEndDatabase, key) };
  } catch (error) {
    accounts.close();
    throw error;
  }
}

/** Closes both, the one that can lose something first. */
export function closeStores({ accounts, stores }: OpenStores): void {
  try {
    stores.close();
  } finally {
    accounts.close();
  }
}
