// A role's status in words.

import type { GatewayRoleStatus, ProxyRoleStatus, RoleStatus, SetupStatus } from '../control/methods.ts';
import { english } from '../endtoend/contact/words/english.ts';
import type { StatusFacts } from '../endtoend/desk.ts';
import { tableLines } from './table.ts';

/** Everything, for `simpp status`. */
export function statusLines(answer: RoleStatus, columns?: number): string[] {
  const own = answer.role === 'proxy' ? proxyLines(answer, columns) : gatewayLines(answer);
  return [...headLines(answer), ...own, ...counterLines(answer)];
}

/** What changes, for `simpp status --watch`; `before` is the answer of `seconds` ago. */
export function liveLines(
  answer: RoleStatus,
  before: RoleStatus | undefined,
  seconds: number,
  columns?: number,
): string[] {
  if (answer.role === 'gateway') return [...headLines(answer), connectionLine(answer), ...counterLines(answer)];
  return [
    ...headLines(answer),
    connectionLine(answer),
    rateLine(answer, before, seconds),
    '',
    ...setupTable(answer, columns),
  ];
}

function headLines({ role, version, pid, uptimeSeconds, listen }: RoleStatus): string[] {
  return [
    `${role} (simpp ${version}, process ${pid}), up ${formatDuration(uptimeSeconds)}`,
    `  listens on     ${listen.join(', ') || 'no port in plaintext'}`,
  ];
}

function connectionLine(answer: RoleStatus): string {
  if (answer.role === 'proxy') {
    const { open, opening } = answer.connections;
    return `  connections    ${open} open, ${opening} opening`;
  }
  const { simpp, spliced, opening } = answer.connections;
  return `  connections    ${simpp} SIMPP, ${spliced} spliced, ${opening} opening`;
}

function rateLine(answer: ProxyRoleStatus, before: RoleStatus | undefined, seconds: number): string {
  const rate = (name: string): number =>
    before === undefined ? 0 : Math.round(((answer.counters[name] ?? 0) - (before.counters[name] ?? 0)) / seconds);
  return `  stanzas/s      ${rate('stanzasUp')} up, ${rate('stanzasDown')} down`;
}

function proxyLines(answer: ProxyRoleStatus, columns: number | undefined): string[] {
  const { setups, listenStarttls = [], listenTls = [] } = answer;
  return [
    ...(listenStarttls.length === 0 ? [] : [`  with STARTTLS  ${listenStarttls.join(', ')}`]),
    ...(listenTls.length === 0 ? [] : [`  with TLS       ${listenTls.join(', ')}`]),
    connectionLine(answer),
    '',
    'Set-ups:',
    ...setups.flatMap(setupLines),
    '',
    ...setupTable(answer, columns),
    ...endToEndLines(answer.endToEnd ?? []),
  ];
}

/** Of each account: what is encrypted, its fingerprint, and what needs a decision. */
function endToEndLines(accounts: readonly StatusFacts[]): string[] {
  const lines = accounts.flatMap(({ jid, policy, deviceState, fingerprint, contacts, verified, outbox, alarms }) => {
    const facts = [
      english.policy[policy],
      `${contacts} ${contacts === 1 ? 'contact' : 'contacts'}, ${verified} verified`,
      ...(outbox === 0 ? [] : [`${outbox} unsent`]),
      ...(deviceState === 'registered' ? [] : [deviceTexts[deviceState]]),
    ];
    return [
      `  ${jid}: ${facts.join('; ')}`,
      ...(fingerprint === undefined ? [] : [`    ${fingerprint}`]),
      ...alarms.map((alarm) => `    ! ${alarm}`),
    ];
  });
  return lines.length === 0 ? [] : ['', 'End-to-end encryption:', ...lines];
}

const deviceTexts = { waiting: 'this device waits for approval', none: 'no keys yet' } as const;

function setupLines(setup: SetupStatus): string[] {
  const via = setup.via === undefined ? '' : ` ${setup.via}`;
  const how = setup.mode === 'gateway' ? `gateway${via}, ${setup.profile}` : `direct${via || ', by DNS'}`;
  const fingerprint = setup.fingerprint === undefined ? [] : [`    ${setup.fingerprint}`];
  return [`  ${setup.name} (${setup.kind}): ${how}, ${setup.connections} connected`, ...fingerprint];
}

/** What each set-up has done since the proxy started. */
function setupTable({ setups }: ProxyRoleStatus, columns: number | undefined): string[] {
  const column = (head: string, leastOf: number, cell: (setup: SetupStatus) => string) => ({
    head,
    leastOf,
    cells: setups.map(cell),
  });
  const number = (head: string, leastOf: number, cell: (setup: SetupStatus) => number) => ({
    ...column(head, leastOf, (setup) => String(cell(setup))),
    isNumber: true,
  });
  const counted = (head: string, leastOf: number, ...names: readonly string[]) =>
    number(head, leastOf, ({ counters = {} }) => names.reduce((sum, name) => sum + (counters[name] ?? 0), 0));
  return tableLines(
    [
      column('SET-UP', 0, ({ name }) => name),
      number('OPEN', 0, ({ connections }) => connections),
      column('SINCE', 3, ({ since }) => (since === undefined ? '' : clock(since))),
      counted('UP', 1, 'stanzasUp'),
      counted('DOWN', 1, 'stanzasDown'),
      counted('LOGINS', 2, 'sessions'),
      counted('RESUMED', 4, 'resumed'),
      counted('ERRORS', 1, 'loginsFailed', 'serversLost', 'streamErrors', 'resumptionsFailed'),
    ],
    columns,
  );
}

/** Time of day on this machine; of another day, that day. */
function clock(iso: string): string {
  const then = new Date(iso);
  const isToday = then.toDateString() === new Date().toDateString();
  const two = (number: number): string => String(number).padStart(2, '0');
  return isToday ? `${two(then.getHours())}:${two(then.getMinutes())}` : iso.slice(0, 10);
}

function gatewayLines(answer: GatewayRoleStatus): string[] {
  return [
    connectionLine(answer),
    `  domains        ${answer.domains.join(', ')}`,
    `  server         ${answer.server}`,
    `  policy         profile ${answer.profile}, guest ${answer.guest}, plain clients ${answer.plainClients}`,
    `  fingerprint    ${answer.fingerprint}`,
    `  invite         ${answer.invite}`,
  ];
}

function counterLines({ counters }: RoleStatus): string[] {
  const lines = Object.entries(counters).map(([name, count]) => `  ${name.padEnd(24)} ${count}`);
  return lines.length === 0 ? [] : ['', 'Since the start:', ...lines];
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
