// Two machines that serve any account of the domain, at one Prosody behind a
// gateway; what the server hears is kept. Whoever talks across them is new each
// time, so that everything happens for the first time.
import { Prosody } from '../../../proxy/try/prosody.ts';
import { WireTap } from '../../../proxy/try/wire-tap.ts';
import { GatewaySide } from '../support/gateway-side.ts';
import { ProxySide, type Account } from '../support/proxy-side.ts';
import { domain } from '../support/world.ts';

export interface KillStage extends AsyncDisposable {
  readonly machines: readonly [ProxySide, ProxySide];
  /** What passes between server and gateway. */
  readonly atServer: WireTap;
  /** Flags of `setup` for a machine that comes later. */
  readonly flags: readonly string[];
}

export const person = (name: string): Account & { readonly name: string } => ({
  name,
  jid: `${name}@${domain}`,
  password: `${name}-by-heart`,
});

/** Opens it for people of these names; both proxies run, and send nothing in clear. */
export async function openKillStage(names: readonly string[]): Promise<KillStage> {
  await using stack = new AsyncDisposableStack();
  const prosody = stack.use(await Prosody.start({ domain, accounts: names.map(person) }));
  const atServer = stack.use(await WireTap.start(prosody));
  const gateway = stack.use(await GatewaySide.start({ domain, server: atServer }));
  const flags = ['--invite', gateway.invite];
  const machine = async (): Promise<ProxySide> => {
    const proxy = stack.use(await ProxySide.create({ e2e: 'require' }));
    await proxy.setUpDomain(domain, ...flags);
    await proxy.run();
    return proxy;
  };
  const machines = [await machine(), await machine()] as const;
  const owned = stack.move();
  return { machines, atServer, flags, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
