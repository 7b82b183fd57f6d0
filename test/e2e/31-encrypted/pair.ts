// Two people, each with a proxy on a machine of their own, at one Prosody that
// archives what it relays: behind a gateway, or without one.
import { Prosody, type ProsodyOptions } from '../../../proxy/try/prosody.ts';
import { WireTap } from '../../../proxy/try/wire-tap.ts';
import type { Policy } from '../../../proxy/endtoend/desk.ts';
import { GatewaySide } from '../support/gateway-side.ts';
import { ProxySide, type Account, type Login } from '../support/proxy-side.ts';
import { alice, bob, carol, domain, mallory } from '../support/world.ts';

export type Way = 'gateway' | 'direct';

export interface PairOptions {
  readonly way: Way;
  readonly e2e?: Policy;
  readonly server?: ProsodyOptions;
  /** Who has a machine; two people unless it is said. */
  readonly people?: readonly (readonly Account[])[];
}

export interface Pair extends AsyncDisposable {
  readonly prosody: Prosody;
  readonly gateway: GatewaySide | undefined;
  /** In the order of `people`. */
  readonly proxies: readonly ProxySide[];
  /** What passes between the server and whoever speaks with it. */
  readonly atServer: WireTap;
  /** Where an account of the n-th machine logs in. */
  login(machine: number, account: Account): Login;
}

const everyone = [alice, bob, carol, mallory];

/** Opens it; every machine's accounts are set up and its proxy runs. */
export async function openPair({ way, e2e = 'prefer', server, people = [[alice], [bob]] }: PairOptions): Promise<Pair> {
  await using stack = new AsyncDisposableStack();
  const prosody = stack.use(await Prosody.start({ domain, accounts: everyone, ...server }));
  const atServer = stack.use(await WireTap.start(prosody));
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
      for (const account of people[machine] ?? []) await proxy.setUpAccount(account, ...flags);
      await proxy.run();
    }),
  );
  const owned = stack.move();
  return {
    prosody,
    gateway,
    proxies,
    atServer,
    login: (machine, account) => proxies[machine]!.login(account),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
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
