// The file that makes a role start by itself, where it belongs, and the
// commands that make the system take it.

import { join } from 'node:path';
import type { Role } from '../config/home.ts';
import { launchAgent } from './launch-agent.ts';
import { scheduledTask, taskBytes } from './scheduled-task.ts';
import { serviceName, type Service, type ServicePlatform } from './service.ts';
import { systemUnit, userUnit } from './systemd-unit.ts';

/** What the place of a service depends on. */
export interface ServiceWorld {
  readonly platform: ServicePlatform;
  /** The person's home folder. */
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

type Command = readonly [program: string, ...args: string[]];

/** A service as this system wants it. */
export interface Definition {
  readonly file: string;
  /** For people to read. */
  readonly text: string;
  /** As the file holds it. */
  readonly bytes: Uint8Array | string;
  /** Starts it now and at each start of the system or session. */
  readonly enable: readonly Command[];
  readonly disable: readonly Command[];
  /** What a person may want to know or do besides. */
  readonly notes: readonly string[];
}

/** The file of a role's service; undefined for a platform that has none. */
export function serviceFile(role: Role, { platform, home, env }: ServiceWorld): string {
  const name = serviceName(role);
  switch (platform) {
    case 'linux': {
      if (role === 'gateway') return `/etc/systemd/system/${name}.service`;
      const config = env['XDG_CONFIG_HOME']?.startsWith('/') ? env['XDG_CONFIG_HOME'] : join(home, '.config');
      return join(config, 'systemd', 'user', `${name}.service`);
    }
    case 'darwin':
      return role === 'gateway'
        ? `/Library/LaunchDaemons/${name}.plist`
        : join(home, 'Library', 'LaunchAgents', `${name}.plist`);
    case 'win32':
      return join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'simpp', `${name}.xml`);
  }
}

/** The whole definition. */
export function defineService(service: Service, world: ServiceWorld): Definition {
  const file = serviceFile(service.role, world);
  switch (world.platform) {
    case 'linux':
      return systemdDefinition(service, file);
    case 'darwin':
      return launchdDefinition(service, file, world.home);
    case 'win32':
      return taskDefinition(service, file);
  }
}

function systemdDefinition(service: Service, file: string): Definition {
  const { role } = service;
  const unitName = `${serviceName(role)}.service`;
  const scope = role === 'gateway' ? [] : ['--user'];
  const text = role === 'gateway' ? systemUnit(service) : userUnit(service);
  return {
    file,
    text,
    bytes: text,
    enable: [
      ['systemctl', ...scope, 'daemon-reload'],
      ['systemctl', ...scope, 'enable', unitName],
      // Also when an earlier unit runs already.
      ['systemctl', ...scope, 'restart', unitName],
    ],
    disable: [['systemctl', ...scope, 'disable', '--now', unitName]],
    notes:
      role === 'gateway'
        ? [`Its files are in /var/lib/simpp: SIMPP_HOME=/var/lib/simpp simpp gateway init …`]
        : ['It runs while you are logged in; "loginctl enable-linger" lets it run always.'],
  };
}

function launchdDefinition(service: Service, file: string, home: string): Definition {
  const { role } = service;
  const logFile =
    role === 'gateway' ? '/var/log/simpp-gateway.log' : join(home, 'Library', 'Logs', `${serviceName(role)}.log`);
  const text = launchAgent(service, logFile);
  return {
    file,
    text,
    bytes: text,
    enable: [['launchctl', 'load', '-w', file]],
    disable: [['launchctl', 'unload', '-w', file]],
    notes: [`Its log is ${logFile}.`],
  };
}

function taskDefinition(service: Service, file: string): Definition {
  const name = serviceName(service.role);
  const text = scheduledTask(service);
  return {
    file,
    text,
    bytes: taskBytes(text),
    enable: [
      ['schtasks', '/Create', '/F', '/TN', name, '/XML', file],
      ['schtasks', '/Run', '/TN', name],
    ],
    disable: [
      ['schtasks', '/End', '/TN', name],
      ['schtasks', '/Delete', '/F', '/TN', name],
    ],
    notes: [],
  };
}
