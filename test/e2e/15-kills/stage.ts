// The two machines and what stands between them, for one suite of the kill test.
import { Prosody } from '../../../proxy/try/prosody.ts';
import { WireTap } from '../../../proxy/try/wire-tap.ts';
import { GatewaySide } from '../support/gateway-side.ts';
import { loginAt, ProxySide } from '../support/proxy-side.ts';
import { alice, bob, domain, inviteVia } from '../support/world.ts';
import type { Stage } from './kill-run.ts';

export async function openStage(): Promise<Stage & AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const prosody = stack.use(await Prosody.start({ domain, accounts: [alice, bob] }));
  const gateway = stack.use(await GatewaySide.start({ domain, server: prosody }));
  const [sender, receiver] = [stack.use(await ProxySide.create()), stack.use(await ProxySide.create())];
  const wires = { sender: stack.use(await WireTap.start(gateway)), receiver: stack.use(await WireTap.start(gateway)) };
  await sender.setUpAccount(alice, '--invite', inviteVia(wires.sender, gateway));
  await receiver.setUpAccount(bob, '--invite', inviteVia(wires.receiver, gateway));
  await Promise.all([sender.run(), receiver.run()]);
  const owned = stack.move();
  return {
    prosody,
    gateway,
    wires,
    proxies: { sender, receiver },
    logins: { sender: loginAt(sender, alice), receiver: loginAt(receiver, bob) },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
