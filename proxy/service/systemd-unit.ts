// systemd units (systemd.exec(5), systemd.service(5)): a user's proxy, and a
// gateway that runs as a user of its own which exists only while it runs.
//
// MemoryDenyWriteExecute= must stay off: V8 writes machine code and runs it.
// The proxy keeps AF_UNIX for its control socket, the keyring's D-Bus and
// clients on Unix sockets; AF_NETLINK is how getaddrinfo learns which address
// families this machine has.

import { descriptions, roleArguments, type Service } from './service.ts';

/** What both roles can do without. */
const confinement = [
  'UMask=0077',
  'LimitNOFILE=65536',
  'NoNewPrivileges=yes',
  'CapabilityBoundingSet=',
  'ProtectSystem=strict',
  'PrivateTmp=yes',
  'PrivateDevices=yes',
  'PrivateUsers=yes',
  'ProtectClock=yes',
  'ProtectHostname=yes',
  'ProtectControlGroups=yes',
  'ProtectKernelLogs=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelTunables=yes',
  'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK',
  'RestrictNamespaces=yes',
  'RestrictRealtime=yes',
  'RestrictSUIDSGID=yes',
  'LockPersonality=yes',
  'SystemCallArchitectures=native',
  'SystemCallFilter=@system-service',
  'SystemCallFilter=~@privileged @resources',
  'SystemCallErrorNumber=EPERM',
];

/** The unit of a person's own service manager: ~/.config/systemd/user/NAME.service. */
export function userUnit(service: Service): string {
  return unit([
    ['Unit', [`Description=${descriptions[service.role]}`, 'Documentation=man:simpp(1)']],
    [
      'Service',
      [
        ...running(service),
        'ProtectHome=read-only',
        ...service.folders.map((folder) => `ReadWritePaths=${word(folder)}`),
        ...confinement,
      ],
    ],
    ['Install', ['WantedBy=default.target']],
  ]);
}

/** The unit of the system's service manager: /etc/systemd/system/NAME.service. */
export function systemUnit(service: Service): string {
  const name = `simpp${service.role === 'gateway' ? '' : `-${service.role}`}`;
  return unit([
    [
      'Unit',
      [
        `Description=${descriptions[service.role]}`,
        'Documentation=man:simpp(1)',
        'Wants=network-online.target',
        'After=network-online.target prosody.service ejabberd.service',
      ],
    ],
    [
      'Service',
      [
        ...running({ ...service, environment: { ...service.environment, SIMPP_HOME: `/var/lib/${name}` } }),
        'DynamicUser=yes',
        `StateDirectory=${name}`,
        'StateDirectoryMode=0700',
        'ProtectHome=yes',
        'ProtectProc=invisible',
        'ProcSubset=pid',
        'RemoveIPC=yes',
        ...confinement,
      ],
    ],
    ['Install', ['WantedBy=multi-user.target']],
  ]);
}

function running({ role, program, environment }: Service): string[] {
  return [
    'Type=exec',
    ...Object.entries(environment).map(([name, value]) => `Environment=${word(`${name}=${value}`)}`),
    `ExecStart=${[...program, ...roleArguments(role)].map(word).join(' ')}`,
    'ExecReload=/bin/kill -HUP $MAINPID',
    'Restart=on-failure',
    'RestartSec=2',
    // 78: the files must be mended first; starting again and again would not do it.
    'RestartPreventExitStatus=64 77 78',
    'TimeoutStopSec=10',
  ];
}

function unit(sections: readonly (readonly [string, readonly string[]])[]): string {
  return sections.map(([name, lines]) => `[${name}]\n${lines.join('\n')}\n`).join('\n');
}

/** systemd's quoting, with its specifiers and variables taken literally. */
function word(text: string): string {
  const literal = text.replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[A-Za-z0-9_@%+=:,./$-]+$/.test(literal)
    ? literal
    : `"${literal.replaceAll('\\', String.raw`\\`).replaceAll('"', String.raw`\"`)}"`;
}
