// The methods of the control socket that deal with stored accounts.

import type { Crypto } from '../../shared/crypto/provider.ts';
import { listAccounts, removeAccount, tryAccount } from '../control/account-methods.ts';
import { putPassword } from '../control/methods.ts';
import { answer, type ControlHandler } from '../control/server.ts';
import type { RunningProxy } from '../options.ts';
import type { AccountStore } from '../store/accounts.ts';

/** Their answers, by the proxy that runs once `started` resolves. */
export function accountHandlers(
  accounts: AccountStore,
  crypto: Crypto,
  started: Promise<RunningProxy>,
): ControlHandler[] {
  return [
    answer(putPassword, ({ jid, password }) => {
      accounts.transaction(() => {
        accounts.add(jid);
        accounts.putCredentials(jid, { password });
      });
      return {};
    }),
    answer(listAccounts, async () => {
      (await started).settle();
      return { accounts: accounts.facts(crypto) };
    }),
    answer(removeAccount, async ({ name }) => {
      (await started).forget(name);
      return { removed: accounts.remove(name) };
    }),
    answer(tryAccount, async ({ name }) => {
      const trial = await (await started).tryLogin(name);
      return trial.kind === 'accepted' ? { ...trial, abilities: [...trial.abilities] } : trial;
    }),
  ];
}
