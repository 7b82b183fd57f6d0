// SIMPP's own paths: the proxy before a gateway or straight to the server over
// TLS, and the login ended at the proxy or relayed through it.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { formatInvite, parseInvite } from '../../proxy/invite.ts';
import { Home, simppJson, SimppRole } from '../e2e/support/simpp.ts';
import { alice } from './people.ts';
import type { Destination, Lay } from './route.ts';

/** `ended`: the proxy has alice's password. `relayed`: it has a set-up of the domain only. */
export type LoginMode = 'ended' | 'relayed';

const anyPort = '127.0.0.1:0';

/** Client, proxy, SIMPP, gateway, plaintext, server. */
export const throughGateway =
  (mode: LoginMode): Lay =>
  async (stack, to) => {
    const home = stack.use(await Home.create());
    const places = ['--listen', anyPort, '--server', `${to.host}:${to.port}`, '--server-tls', 'none'];
    const { invite } = await simppJson(home, 'gateway', 'init', '--domain', to.domain, ...places);
    const gateway = stack.use(await SimppRole.start(home, 'gateway', 'run'));
    // The invite was written before the gateway had a port.
    const place = { host: to.host, port: gateway.port };
    const reachable = formatInvite({ ...parseInvite(String(invite)), gateway: place });
    const proxy = await startProxy(stack, to, mode, ['--invite', reachable]);
    return {
      login: { ...to, ...alice, port: proxy.port },
      hops: { proxy: pidOf(proxy), gateway: pidOf(gateway) },
    };
  };

/** Client, proxy, TLS, server. */
export const straight =
  (mode: LoginMode): Lay =>
  async (stack, to) => {
    const way = ['--direct', '--server', `${to.host}:${to.port}`, '--server-ca', to.caFile];
    const proxy = await startProxy(stack, to, mode, way);
    return { login: { ...to, ...alice, port: proxy.port }, hops: { proxy: pidOf(proxy) } };
  };

async function startProxy(
  stack: AsyncDisposableStack,
  { domain }: Destination,
  mode: LoginMode,
  way: readonly string[],
): Promise<SimppRole> {
  const home = stack.use(await Home.create());
  const who = mode === 'ended' ? [`${alice.name}@${domain}`, '--password-file', await passwordFile(home)] : [domain];
  await simppJson(home, 'setup', ...who, '--listen', anyPort, '--e2e', 'off', ...way);
  return stack.use(await SimppRole.start(home, 'proxy'));
}

async function passwordFile(home: Home): Promise<string> {
  const file = join(home.path, 'password');
  await writeFile(file, `${alice.password}\n`, { mode: 0o600 });
  return file;
}

function pidOf({ pid }: SimppRole): number {
  if (pid === undefined) throw new Error('a role that runs has a pid');
  return pid;
}
