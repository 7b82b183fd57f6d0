// The proxy's accounts with their secrets, for the process that owns them.

import type { Home } from '../config/home.ts';
import { AccountStore } from '../store/accounts.ts';
import { openHomeKeystore, type OpenOptions } from './keystore.ts';
import { processOutput } from './output.ts';

/** Opens keystore and database, or makes them; throws SimppError. */
export async function openAccounts(home: Home, options: Partial<OpenOptions> = {}): Promise<AccountStore> {
  const key = await openHomeKeystore(home, { warn: processOutput(false).warn, ...options });
  return AccountStore.open(home.proxyDatabase, key);
}
