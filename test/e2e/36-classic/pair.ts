// Two people in the profile classic, each with a proxy on a machine of their
// own, behind a classic gateway: the paper's A, B and S.
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Policy } from '../../../proxy/endtoend/desk.ts';
import { Prosody } from '../../../proxy/try/prosody.ts';
import { WireTap } from '../../../proxy/try/wire-tap.ts';
import type { ClassicCurve } from '../../../shared/simpp/classic/conversation.ts';
import { GatewaySide } from '../support/gateway-side.ts';
import { ProxySide, type Account, type Login } from '../support/proxy-side.ts';
import { alice, bob, carol, domain } from '../support/world.ts';

export const classic = ['--profile', 'classic'];

export interface ClassicPair extends AsyncDisposable {
  readonly prosody: Prosody;
  readonly gateway: GatewaySide;
  /** alice's machine and bob's. */
  readonly proxies: readonly [ProxySide, ProxySide];
  /** What passes between the gateway and the server. */
  readonly atServer: WireTap;
  /** Where alice and bob log in. */
  login(account: Account): Login;
}

export async function openClassicPair(e2e: Policy, curve?: ClassicCurve): Promise<ClassicPair> {
  await using stack = new AsyncDisposableStack();
  const prosody = stack.use(await Prosody.start({ domain, accounts: [alice, bob, carol] }));
  const atServer = stack.use(await WireTap.start(prosody));
  const gateway = stack.use(await GatewaySide.start({ domain, server: atServer, flags: classic }));
  const own = async (account: Account): Promise<ProxySide> => {
    const proxy = stack.use(await ProxySide.create({ e2e }));
    await proxy.setUpAccount(account, '--invite', gateway.invite, ...classic);
    const file = join(proxy.home.path, 'accounts', `${account.jid}.toml`);
    if (curve !== undefined) await appendFile(file, `\nclassic_curve = "${curve}"\n`);
    await proxy.run();
    return proxy;
  };
  const proxies = await Promise.all([own(alice), own(bob)]);
  const owned = stack.move();
  return {
    prosody,
    gateway,
    proxies,
    atServer,
    login: (account) => proxies[account.jid === alice.jid ? 0 : 1].login(account),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** One for all tests of the suite that calls this. */
export function classicPairOfSuite(e2e: Policy, curve?: ClassicCurve): () => ClassicPair {
  let pair: ClassicPair | undefined;
  before('opens two machines', async function () {
    this.timeout(60_000);
    pair = await openClassicPair(e2e, curve);
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
