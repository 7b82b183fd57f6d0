// What a service of either role is made from, whatever starts it.

import { realpathSync } from 'node:fs';
import type { Role } from '../config/home.ts';

/** A role that is to start by itself. */
export interface Service {
  readonly role: Role;
  /** The interpreter and the program's file, absolute. */
  readonly program: readonly [node: string, main: string];
  /** What the role needs to be told in its environment, such as SIMPP_HOME. */
  readonly environment: Readonly<Record<string, string>>;
  /** The folders that it writes to. */
  readonly folders: readonly string[];
}

export const platforms = ['linux', 'darwin', 'win32'] as const;

/** Those that a service can be made for. */
export type ServicePlatform = (typeof platforms)[number];

/** Variables that say where the files are and how the keystore opens; none of them is a secret. */
const carried = ['SIMPP_HOME', 'SIMPP_PASSPHRASE_FILE', 'XDG_CONFIG_HOME', 'XDG_STATE_HOME'] as const;

/** The service of a role as this process would run it; `folders` are those that it writes to. */
export function thisService(role: Role, folders: readonly string[]): Service {
  const environment = Object.fromEntries(
    carried.flatMap((name) => (process.env[name] ? [[name, process.env[name]] as const] : [])),
  );
  return {
    role,
    program: [process.execPath, realpathSync(process.argv[1] ?? '')],
    environment,
    folders: [...new Set(folders)],
  };
}

/** The arguments that run a role. */
export function roleArguments(role: Role): readonly string[] {
  return role === 'proxy' ? ['proxy', '--json'] : ['gateway', 'run', '--json'];
}

/** A name that people recognise. */
export const serviceName = (role: Role): string => `simpp-${role}`;

export const descriptions = {
  proxy: 'SIMPP proxy for XMPP clients on this machine',
  gateway: 'SIMPP gateway before the XMPP server',
} as const satisfies Record<Role, string>;
