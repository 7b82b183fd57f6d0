// The proxy's accounts with their secrets, for the process that owns them.

import type { Home } from '../config/home.ts';
import type { Reached } from '../endtoend/crash-points.ts';
import { AccountStore } from '../store/accounts.ts';
import { EndToEndStores } from '../store/endtoend/stores.ts';
import { crashAt } from './crash-at.ts';
import { openHomeKeystore, type OpenOptions } from './keystore.ts';
import { processOutput } from './output.ts';

/** Opens keystore and database, or makes them; throws SimppError. */
export async function openAccounts(home: Home, options: Partial<OpenOptions> = {}): Promise<AccountStore> {
  const key = await openHomeKeystore(home, { warn: processOutput(false).warn, ...options });
  return AccountStore.open(home.proxyDatabase, key);
}

/** All that a proxy keeps. */
export interface ProxyStores {
  readonly accounts: AccountStore;
  readonly stores: EndToEndStores;
  readonly reached: Reached;
}

/** Opens, or makes, all that the proxy keeps; throws SimppError. */
export async function openProxyStores(home: Home): Promise<ProxyStores> {
  const reached = crashAt(process.env['SIMPP_CRASH_AT']);
  const key = await openHomeKeystore(home, { warn: processOutput(false).warn });
  const accounts = AccountStore.open(home.proxyDatabase, key);
  try {
    return { accounts, reached, stores: EndToEndStores.open(home.endToEndDatabase, key, { reached }) };
  } catch (error) {
    accounts.close();
    throw error;
  }
}
