// The addresses where a role listens, or wants to.

import { once } from 'node:events';
import { lstatSync } from 'node:fs';
import { createServer } from 'node:net';
import { formatEndpoint, isWildcard, type Endpoint } from '../endpoint.ts';
import { systemCode } from '../server/unreachable.ts';
import { tomlPair } from '../config/annotate.ts';
import { formatListenAddress, type ListenAddress, type UnixAddress } from '../listen-address.ts';
import { findings, shellWord, type Finding } from './finding.ts';
import { portOwner } from './port-owner.ts';

const say = findings('listen');

/** One list of addresses in a file. */
export interface ListenerOptions {
  /** Its key. */
  readonly key: 'listen' | 'listen_starttls' | 'listen_tls';
  readonly wanted: readonly ListenAddress[];
  /** Where the running role listens by it; undefined when it does not run. */
  readonly running: readonly string[] | undefined;
  readonly role: 'proxy' | 'gateway';
  /** The file that has the list. */
  readonly file: string;
  /** That of this process. */
  readonly uid: number | undefined;
}

/** Looks at each address: ours, free, or somebody else's. */
export async function checkListeners(options: ListenerOptions): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const address of options.wanted) {
    found.push('path' in address ? checkUnixListener(address, options) : await checkListener(address, options));
  }
  return found;
}

function checkUnixListener(address: UnixAddress, { running, role, uid }: ListenerOptions): Finding {
  const where = formatListenAddress(address);
  if (running?.includes(where) === true) return say.ok(`The ${role} listens on ${where}.`);
  const stats = lstatSync(address.path, { throwIfNoEntry: false });
  if (stats === undefined) return say.ok(`${where} is free.`);
  if (stats.isSocket() && (uid === undefined || stats.uid === uid)) {
    return say.note(`${where} is there, but not served by the running ${role}.`);
  }
  const path = shellWord(address.path);
  return say.problem(
    `${address.path} is in the way, or another user's.`,
    `sudo mv ${path} ${shellWord(`${address.path}.aside`)}`,
  );
}

async function checkListener(endpoint: Endpoint, { running, role, file, key }: ListenerOptions): Promise<Finding> {
  const where = formatEndpoint(endpoint);
  const shown = endpoint.port === 0 ? running?.join(', ') : where;
  if (running?.includes(where) === true || (running !== undefined && endpoint.port === 0)) {
    return say.ok(`The ${role} listens on ${shown}.`);
  }
  const code = await tryToListen(endpoint);
  if (code !== undefined) return refused(endpoint, code, key, file);
  if (running === undefined) return say.ok(`${endpoint.port === 0 ? `A port of ${endpoint.host}` : where} is free.`);
  const text = `The running ${role} does not listen on ${where}: it was started before ${file} was changed.`;
  return say.warning(text, restart(role));
}

function restart(role: 'proxy' | 'gateway'): string {
  return `systemctl ${role === 'proxy' ? '--user ' : ''}restart simpp-${role}   # or end it and start it again`;
}

function refused(endpoint: Endpoint, code: string, key: string, file: string): Finding {
  const where = formatEndpoint(endpoint);
  const line = (host: string, port: number): string =>
    `${tomlPair(key, [formatEndpoint({ host, port })])}   # in ${file}`;
  switch (code) {
    case 'EADDRINUSE': {
      const owner = portOwner(endpoint.port);
      const by = owner === undefined ? 'by another program' : `by ${owner.name} (process ${owner.pid})`;
      return say.problem(`${where} is taken ${by}.`, line(endpoint.host, freePortBeside(endpoint.port)));
    }
    case 'EACCES':
      return say.problem(`${where} is a port for administrators only.`, line(endpoint.host, 5222));
    case 'EADDRNOTAVAIL':
      return say.problem(
        `${endpoint.host} is no address of this machine.`,
        line(isWildcard(endpoint.host) ? '0.0.0.0' : '127.0.0.1', endpoint.port),
      );
    default:
      return say.problem(`Nobody can listen on ${where} (${code}).`, line('127.0.0.1', endpoint.port));
  }
}

/** Listens for a moment; the system's code when it may not. */
async function tryToListen({ host, port }: Endpoint): Promise<string | undefined> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return undefined;
  } catch (error) {
    return systemCode(error) ?? 'unknown reason';
  }
}

/** Another port that people recognise: 5222 becomes 15222. */
function freePortBeside(port: number): number {
  return port + 10_000 <= 65_535 ? port + 10_000 : port - 10_000;
}
