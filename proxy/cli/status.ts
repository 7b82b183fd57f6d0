// `simpp status`: asks the running roles and shows their answers.

import { setTimeout as delay } from 'node:timers/promises';
import { findHome, type Role } from '../config/home.ts';
import {
  status,
  type GatewayRoleStatus,
  type ProxyRoleStatus,
  type RoleStatus,
  type SetupStatus,
} from '../control/methods.ts';
import { processOutput, type Output } from './output.ts';
import { connectRunning } from './running.ts';

/** The command line of `simpp status`. */
export interface StatusFlags {
  readonly role?: Role;
  readonly watch?: boolean;
  readonly json?: boolean;
}

const watchIntervalMs = 1000;

/** Runs the command. */
export async function showStatus(flags: StatusFlags): Promise<void> {
  const output = processOutput(flags.json === true);
  const running = await connectRunning(findHome(), flags.role);
  try {
    for (;;) {
      show(output, await Promise.all(running.map(({ client }) => client.call(status, {}))), flags.watch === true);
      if (flags.watch !== true) return;
      const gone = Promise.race(running.map(({ client }) => client.closed.then(() => true)));
      if (await Promise.race([gone, delay(watchIntervalMs, false)])) return;
    }
  } finally {
    for (const { client } of running) client.close();
  }
}

function show(output: Output, answers: readonly RoleStatus[], isWatching: boolean): void {
  const of = (role: Role): RoleStatus | null => answers.find((answer) => answer.role === role) ?? null;
  output.result({ proxy: of('proxy'), gateway: of('gateway') });
  const text = answers.map((answer) => statusLines(answer).join('\n')).join('\n\n');
  // On a terminal each round replaces the one before.
  output.say(isWatching && process.stdout.isTTY ? `\u001b[H\u001b[2J${text}` : text);
}

/** A status in words. */
export function statusLines(answer: RoleStatus): string[] {
  const own = answer.role === 'proxy' ? proxyLines(answer) : gatewayLines(answer);
  const counters = Object.entries(answer.counters).map(([name, count]) => `  ${name.padEnd(24)} ${count}`);
  return [
    `${answer.role} (simpp ${answer.version}, process ${answer.pid}), up ${formatDuration(answer.uptimeSeconds)}`,
    `  listens on     ${answer.listen.join(', ')}`,
    ...own,
    ...(counters.length === 0 ? [] : ['', 'Since the start:', ...counters]),
  ];
}

function proxyLines({ connections, setups }: ProxyRoleStatus): string[] {
  return [
    `  connections    ${connections.open} open, ${connections.opening} opening`,
    '',
    'Set-ups:',
    ...setups.flatMap(setupLines),
  ];
}

function setupLines(setup: SetupStatus): string[] {
  const via = setup.via === undefined ? '' : ` ${setup.via}`;
  const how = setup.mode === 'gateway' ? `gateway${via}, ${setup.profile}` : `direct${via || ', by DNS'}`;
  const fingerprint = setup.fingerprint === undefined ? [] : [`    ${setup.fingerprint}`];
  return [`  ${setup.name} (${setup.kind}): ${how}, ${setup.connections} connected`, ...fingerprint];
}

function gatewayLines(answer: GatewayRoleStatus): string[] {
  const { simpp, spliced, opening } = answer.connections;
  return [
    `  connections    ${simpp} SIMPP, ${spliced} spliced, ${opening} opening`,
    `  domains        ${answer.domains.join(', ')}`,
    `  server         ${answer.server}`,
    `  policy         profile ${answer.profile}, guest ${answer.guest}, plain clients ${answer.plainClients}`,
    `  fingerprint    ${answer.fingerprint}`,
    `  invite         ${answer.invite}`,
  ];
}

/** Days, hours, minutes, seconds: the two largest that are not zero. */
export function formatDuration(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  return first < 0
    ? '0 s'
    : parts
        .slice(first, first + 2)
        .map(([count, unit]) => `${count} ${unit}`)
        .join(' ');
}
