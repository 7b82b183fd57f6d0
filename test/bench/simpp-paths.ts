// SIMPP's own paths: the proxy before a gateway or straight to the server over
// TLS, and the login ended at the proxy or relayed through it.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { formatInvite, parseInvite } from '../../proxy/invite.ts';
import type { Policy } from '../../proxy/endtoend/desk.ts';
import { eventually } from '../e2e/support/eventually.ts';
import { statusOf } from '../e2e/support/role-status.ts';
import { Home, simppJson, SimppRole } from '../e2e/support/simpp.ts';
import { alice, bob } from './people.ts';
import type { Destination, Lay } from './route.ts';

/** `ended`: the proxy has alice's password. `relayed`: it has a set-up of the domain only. */
export type LoginMode = 'ended' | 'relayed';

const anyPort = '127.0.0.1:0';

/** Client, proxy, SIMPP, gateway, plaintext, server. */
export const throughGateway =
  (mode: LoginMode): Lay =>
  async (stack, to) => {
    const { role: gateway, invite } = await startGateway(stack, to);
    const { role: proxy } = await startProxy(stack, to, mode, ['--invite', invite]);
    return {
      login: { ...to, ...alice, port: proxy.port },
      hops: { proxy: pidOf(proxy), gateway: pidOf(gateway) },
    };
  };

/** The same on both sides, through one gateway of the domain; what is said is encrypted end to end, or not. */
export const throughBothGateways =
  (e2e: Policy): Lay =>
  async (stack, to) => {
    const { role: gateway, invite } = await startGateway(stack, to);
    const near = await startProxy(stack, to, 'ended', ['--invite', invite], { e2e });
    const far = await startProxy(stack, to, 'ended', ['--invite', invite], { e2e, account: bob });
    return {
      login: { ...to, ...alice, port: near.role.port },
      hops: { proxy: pidOf(near.role), gateway: pidOf(gateway), 'far proxy': pidOf(far.role) },
      farSide: {
        login: { ...to, ...bob, port: far.role.port },
        ready: async () => {
          if (e2e !== 'off') await Promise.all([near, far].map(({ home }) => untilPublished(home)));
        },
      },
    };
  };

/** Client, proxy, TLS, server. */
export const straight =
  (mode: LoginMode): Lay =>
  async (stack, to) => {
    const way = ['--direct', '--server', `${to.host}:${to.port}`, '--server-ca', to.caFile];
    const { role: proxy } = await startProxy(stack, to, mode, way);
    return { login: { ...to, ...alice, port: proxy.port }, hops: { proxy: pidOf(proxy) } };
  };

/** With an invite that leads to it. */
async function startGateway(
  stack: AsyncDisposableStack,
  to: Destination,
): Promise<{ readonly role: SimppRole; readonly invite: string }> {
  const home = stack.use(await Home.create());
  const places = ['--listen', anyPort, '--server', `${to.host}:${to.port}`, '--server-tls', 'none'];
  const { invite } = await simppJson(home, 'gateway', 'init', '--domain', to.domain, ...places);
  const role = stack.use(await SimppRole.start(home, 'gateway', 'run'));
  // The invite was written before the gateway had a port.
  const place = { host: to.host, port: role.port };
  return { role, invite: formatInvite({ ...parseInvite(String(invite)), gateway: place }) };
}

interface Person {
  readonly e2e?: Policy;
  readonly account?: typeof alice;
}

async function startProxy(
  stack: AsyncDisposableStack,
  { domain }: Destination,
  mode: LoginMode,
  way: readonly string[],
  { e2e = 'off', account = alice }: Person = {},
): Promise<{ readonly role: SimppRole; readonly home: Home }> {
  const home = stack.use(await Home.create());
  const password = async (): Promise<readonly string[]> => ['--password-file', await passwordFile(home, account)];
  const who = mode === 'ended' ? [`${account.name}@${domain}`, ...(await password())] : [domain];
  await simppJson(home, 'setup', ...who, '--listen', anyPort, '--e2e', e2e, ...way);
  return { role: stack.use(await SimppRole.start(home, 'proxy')), home };
}

async function passwordFile(home: Home, { password }: typeof alice): Promise<string> {
  const file = join(home.path, 'password');
  await writeFile(file, `${password}\n`, { mode: 0o600 });
  return file;
}

async function untilPublished(home: Home): Promise<void> {
  await eventually('keys published', async () => {
    const { endToEnd = [] } = await statusOf(home, 'proxy');
    return endToEnd.some(({ isPublished }) => isPublished);
  });
}

function pidOf({ pid }: SimppRole): number {
  if (pid === undefined) throw new Error('a role that runs has a pid');
  return pid;
}
