// Paths that only pass bytes on, for comparison: one process or two, of Node or
// of stunnel. They know nothing of XMPP.
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { DrivenProcess } from '../e2e/support/driven-process.ts';
import { freePort } from '../e2e/support/free-port.ts';
import { missing } from '../run/needs.ts';
import type { HopChoices } from './hop.ts';
import { alice } from './people.ts';
import type { Destination, Lay } from './route.ts';
import { newTlsCredentials, serverName } from './tls-credentials.ts';

const startTimeoutMs = 20_000;

/** One process of Node that connects two sockets. */
export const byteProxy: Lay = async (stack, to) => {
  const hop = await startHop(stack, { port: to.port });
  return { login: { ...to, ...alice, port: hop.port }, hops: { 'byte proxy': hop.pid } };
};

/** Two processes of Node with mutual TLS 1.3 between them. */
export const tlsPair: Lay = async (stack, to) => {
  const { server, client } = await newTlsCredentials();
  const mutual = { ...server, requestCert: true, rejectUnauthorized: true };
  const far = await startHop(stack, { port: to.port, server: mutual });
  const near = await startHop(stack, { port: far.port, client });
  return { login: { ...to, ...alice, port: near.port }, hops: { 'TLS client': near.pid, 'TLS server': far.pid } };
};

/** Whether stunnel is installed. */
export const hasStunnel = missing(['stunnel']).length === 0;

/** Two processes of stunnel with TLS 1.3 between them. */
export const stunnelPair: Lay = async (stack, to) => {
  const [farPort, nearPort] = [await freePort(), await freePort()];
  const far = await startStunnel(stack, to, 'server', [
    `accept = 127.0.0.1:${farPort}`,
    `connect = 127.0.0.1:${to.port}`,
    `cert = ${to.certFile}`,
    `key = ${to.keyFile}`,
  ]);
  const near = await startStunnel(stack, to, 'client', [
    'client = yes',
    `accept = 127.0.0.1:${nearPort}`,
    `connect = 127.0.0.1:${farPort}`,
    'verifyChain = yes',
    `CAfile = ${to.caFile}`,
    `checkHost = ${serverName}`,
  ]);
  return { login: { ...to, ...alice, port: nearPort }, hops: { 'stunnel client': near, 'stunnel server': far } };
};

/** Small writes leave at once, as everywhere else in this comparison. */
const common = [
  'foreground = yes',
  'pid =',
  'debug = notice',
  'socket = l:TCP_NODELAY=1',
  'socket = r:TCP_NODELAY=1',
  'sslVersion = TLSv1.3',
];

async function startStunnel(
  stack: AsyncDisposableStack,
  to: Destination,
  role: string,
  service: readonly string[],
): Promise<number> {
  const file = join(dirname(to.caFile), `stunnel-${role}.conf`);
  await writeFile(file, `${[...common, '[xmpp]', ...service].join('\n')}\n`);
  // It logs on standard error alone: there it says when it is ready.
  const stunnel = stack.use(new DrivenProcess('sh', ['-c', `exec stunnel ${file} 2>&1`], { name: `stunnel ${role}` }));
  await stunnel.lines.take((line) => line.includes('Configuration successful'), 'stunnel', startTimeoutMs);
  return pidOf(stunnel);
}

async function startHop(
  stack: AsyncDisposableStack,
  choices: HopChoices,
): Promise<{ readonly port: number; readonly pid: number }> {
  const program = fileURLToPath(new URL('hop.ts', import.meta.url));
  const hop = stack.use(new DrivenProcess(process.execPath, [program], { name: 'hop' }));
  hop.writeLine(JSON.stringify(choices));
  return { port: Number(await hop.lines.take(() => true, 'the port of a hop', startTimeoutMs)), pid: pidOf(hop) };
}

function pidOf({ pid }: DrivenProcess): number {
  if (pid === undefined) throw new Error('a process that started has a pid');
  return pid;
}
