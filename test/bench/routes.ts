// The paths between a client and one Prosody, each by real processes: none,
// SIMPP's proxy and gateway, and two pairs of byte pipes for comparison.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { formatInvite, parseInvite } from '../../proxy/invite.ts';
import { Prosody } from '../../proxy/try/prosody.ts';
import { DrivenProcess } from '../e2e/support/driven-process.ts';
import { Home, simppJson, SimppRole } from '../e2e/support/simpp.ts';
import type { HopChoices } from './hop.ts';
import { newTlsCredentials } from './tls-credentials.ts';

export const domain = 'example.test';
export const alice = { name: 'alice', password: 'correct-horse' };
export const bob = { name: 'bob', password: 'battery-staple' };

/** Where a client connects, by the name of the path behind it. */
export interface Routes extends AsyncDisposable {
  readonly ports: ReadonlyMap<string, number>;
}

export const host = '127.0.0.1';
const hopTimeoutMs = 20_000;

/** Starts all of it; what was started ends again when something fails. */
export async function openRoutes(): Promise<Routes> {
  await using stack = new AsyncDisposableStack();
  const prosody = stack.use(await Prosody.start({ domain, accounts: [alice, bob] }));
  const ports = new Map([['direct', prosody.port]]);
  ports.set('SIMPP', await startSimpp(stack, prosody.port));

  const plain = await startHop(stack, { port: prosody.port });
  ports.set('byte pipes', await startHop(stack, { port: plain }));

  const { server, client } = await newTlsCredentials();
  const mutual = { ...server, requestCert: true, rejectUnauthorized: true };
  const inner = await startHop(stack, { port: prosody.port, server: mutual });
  ports.set('TLS pipes', await startHop(stack, { port: inner, client }));

  const owned = stack.move();
  return { ports, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** A gateway before the server and a proxy with alice's account; gives the proxy's port. */
async function startSimpp(stack: AsyncDisposableStack, serverPort: number): Promise<number> {
  const anyPort = `${host}:0`;
  const gatewayHome = stack.use(await Home.create());
  const settings = ['--domain', domain, '--listen', anyPort, '--server', `${host}:${serverPort}`];
  const { invite } = await simppJson(gatewayHome, 'gateway', 'init', ...settings);
  const gateway = stack.use(await SimppRole.start(gatewayHome, 'gateway', 'run'));

  // The invite was written before the gateway had a port.
  const reachable = formatInvite({ ...parseInvite(String(invite)), gateway: { host, port: gateway.port } });
  const proxyHome = stack.use(await Home.create());
  const passwordFile = join(proxyHome.path, 'password');
  await writeFile(passwordFile, `${alice.password}\n`, { mode: 0o600 });
  const account = [`${alice.name}@${domain}`, '--invite', reachable, '--password-file', passwordFile];
  await simppJson(proxyHome, 'setup', ...account, '--listen', anyPort);
  const proxy = stack.use(await SimppRole.start(proxyHome, 'proxy'));
  return proxy.port;
}

async function startHop(stack: AsyncDisposableStack, choices: HopChoices): Promise<number> {
  const program = fileURLToPath(new URL('hop.ts', import.meta.url));
  const hop = stack.use(new DrivenProcess(process.execPath, [program], { name: 'hop' }));
  hop.writeLine(JSON.stringify(choices));
  return Number(await hop.lines.take(() => true, 'the port of a hop', hopTimeoutMs));
}
