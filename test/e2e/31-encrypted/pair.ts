// Two people, each with a proxy on a machine of their own, at one server that
// archives what it relays: behind a gateway, or without one.
import { Prosody, type ProsodyOptions } from '../../../proxy/try/prosody.ts';
import { WireTap } from '../../../proxy/try/wire-tap.ts';
import type { Policy } from '../../../proxy/endtoend/desk.ts';
import { Ejabberd } from '../support/ejabberd.ts';
import { eventually } from '../support/eventually.ts';
import { GatewaySide } from '../support/gateway-side.ts';
import type { ObservedServer } from '../support/held-by-server.ts';
import { ProxySide, type Account, type Login } from '../support/proxy-side.ts';
import { statusOf } from '../support/role-status.ts';
import { alice, bob, carol, domain, mallory } from '../support/world.ts';

export type Way = 'gateway' | 'direct';

export interface PairOptions {
  readonly way: Way;
  readonly e2e?: Policy;
  /** Prosody unless it is said. */
  readonly at?: 'Prosody' | 'ejabberd';
  readonly prosody?: ProsodyOptions;
  /** Who has a machine; two people unless it is said. */
  readonly people?: readonly (readonly Account[])[];
  /** Flags of each `setup` on the n-th machine, beside those of the way. */
  readonly setUpFlags?: (machine: number) => readonly string[];
}

export interface Pair extends AsyncDisposable, ObservedServer {
  readonly server: Prosody | Ejabberd;
  readonly gateway: GatewaySide | undefined;
  /** In the order of `people`. */
  readonly proxies: readonly ProxySide[];
  /** Where an account of the n-th machine logs in. */
  login(machine: number, account: Account): Login;
  /** Until the keys of an account of the n-th machine, where a client is logged in, can be found by others. */
  published(machine: number, account: Account): Promise<void>;
  /** Flags of `setup` for a further account, or a machine that comes later. */
  readonly flags: readonly string[];
}

const everyone = [alice, bob, carol, mallory];

/** Opens it; every machine's accounts are set up and its proxy runs. */
export async function openPair(options: PairOptions): Promise<Pair> {
  const { way, e2e = 'prefer', people = [[alice], [bob]], setUpFlags } = options;
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startServer(options));
  const atServer = stack.use(await WireTap.start(server));
  const gateway = way === 'gateway' ? stack.use(await GatewaySide.create({ domain, server: atServer })) : undefined;
  await gateway?.run();
  const proxies = await Promise.all(people.map(() => ProxySide.create({ e2e })));
  for (const proxy of proxies) stack.use(proxy);
  const flags =
    gateway === undefined
      ? ['--direct', '--server', `${atServer.host}:${atServer.port}`, '--server-tls', 'none']
      : ['--invite', gateway.invite];
  await Promise.all(
    proxies.map(async (proxy, machine) => {
      const all = [...flags, ...(setUpFlags?.(machine) ?? [])];
      for (const account of people[machine] ?? []) await proxy.setUpAccount(account, ...all);
      await proxy.run();
    }),
  );
  const owned = stack.move();
  return {
    server,
    gateway,
    proxies,
    atServer,
    flags,
    login: (machine, account) => proxies[machine]!.login(account),
    published: (machine, account) => untilPublished(proxies[machine]!, account),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function startServer({ at = 'Prosody', prosody }: PairOptions): Promise<Prosody | Ejabberd> {
  if (at === 'ejabberd') return await Ejabberd.start({ domain, accounts: everyone });
  return await Prosody.start({ domain, accounts: everyone, ...prosody });
}

/** Under load the keys may be published later than a login may wait for them (transparency.md §5.3). */
export async function untilPublished(proxy: ProxySide, { jid }: Account): Promise<void> {
  await eventually(`keys of ${jid} published`, async () => {
    const { endToEnd = [] } = await statusOf(proxy.home, 'proxy');
    return endToEnd.some((account) => account.jid === jid && account.isPublished);
  });
}

/** One for all tests of the suite that calls this. */
export function pairOfSuite(options: PairOptions): () => Pair {
  let pair: Pair | undefined;
  before('opens two machines', async function () {
    this.timeout(60_000);
    pair = await openPair(options);
  });
  after('ends them', async function () {
    this.timeout(20_000);
    await pair?.[Symbol.asyncDispose]();
  });
  return () => {
    if (pair === undefined) throw new Error('the machines are not there');
    return pair;
  };
}
