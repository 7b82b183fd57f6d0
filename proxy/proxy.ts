// The proxy's engine, composed: listeners, the set-ups of the moment, and a
// session per client. What it works with is handed in.
import { randomUUID } from 'node:crypto';
import { systemEntropy } from '../shared/simpp/entropy.ts';
import { clientLimits } from '../shared/xml/scanner.ts';
import { LoginKeys } from './client/login-keys.ts';
import { Passwords } from './client/passwords.ts';
import type { SessionContext } from './client/session-context.ts';
import { Sessions } from './client/sessions.ts';
import { defaultTiming, type Timing } from './client/timing.ts';
import { IdentityKeeper } from './identity/keeper.ts';
import { listenAll } from './listener.ts';
import {
  setupName,
  type ProxyDependencies,
  type ProxyOptions,
  type ProxyStatus,
  type RunningProxy,
  type Setup,
} from './options.ts';
import { SetupTable } from './setup-table.ts';
import { Tally } from './tally.ts';

/** Starts a proxy; throws SimppError when it cannot listen as told. */
export async function startProxy(
  options: ProxyOptions,
  { crypto, accounts, log }: ProxyDependencies,
  timing: Partial<Timing> = {},
): Promise<RunningProxy> {
  let { setups } = options;
  let table = new SetupTable(setups);
  const entropy = systemEntropy(crypto);
  const now = (): number => Math.floor(Date.now() / 1000);
  const context: SessionContext = {
    setups: () => table,
    passwords: new Passwords(accounts),
    loginKeys: new LoginKeys(),
    limits: { ...clientLimits, maxElementBytes: options.limits.maxStanzaBytes },
    timing: { ...defaultTiming, ...timing },
    tally: new Tally(),
    dialling: { crypto, entropy, identities: new IdentityKeeper({ store: accounts, crypto, entropy, now }) },
    newId: randomUUID,
  };
  const sessions = new Sessions(context, log, options.limits.maxConnections);
  const listeners = await listenAll(options.listen, (socket) => sessions.accept(socket));

  return {
    listen: listeners.map(({ address }) => address),
    status: () => statusOf(sessions, setups, context.tally),
    reload: (next: readonly Setup[]) => {
      table = new SetupTable(next);
      setups = next;
      log.info('set-ups taken', { count: next.length });
    },
    stop: async () => {
      const closing = listeners.map((listener) => listener.close());
      await sessions.stop();
      await Promise.all(closing);
    },
  };
}

function statusOf(sessions: Sessions, setups: readonly Setup[], tally: Tally): ProxyStatus {
  const { opening, open, bySetup } = sessions.census();
  const connections = (setup: Setup): number => bySetup.get(setupName(setup)) ?? 0;
  return {
    connections: { opening, open },
    setups: Object.fromEntries(setups.map((setup) => [setupName(setup), { connections: connections(setup) }])),
    counters: tally.counters,
  };
}
