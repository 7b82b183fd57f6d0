// Where a role keeps its files. SIMPP_HOME puts everything into one folder;
// without it each platform's own places are used. Both roles may share them:
// no two files have the same name.

import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { SimppError } from '../../shared/errors.ts';

/** The two long-running roles of the program. */
export type Role = 'proxy' | 'gateway';

/** The names of all files. */
export interface Home {
  readonly configDir: string;
  readonly stateDir: string;
  readonly proxyToml: string;
  readonly gatewayToml: string;
  /** One file per set-up. */
  readonly accountsDir: string;
  readonly proxyDatabase: string;
  /** Sessions, contacts' keys and the archive; `endtoend.epoch` lies beside it. */
  readonly endToEndDatabase: string;
  readonly gatewayDatabase: string;
  /** KR_S, mode 0600. */
  readonly gatewayKey: string;
  /** The keystore's files. */
  readonly keystoreDir: string;
  /** The certificates of the local authorities, without their keys. */
  readonly authorityFile: string;
}

/** What the places depend on. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The process's own. */
export function currentSurroundings(): Surroundings {
  return { platform: process.platform, home: homedir(), env: process.env };
}

/** The files of these surroundings; makes nothing. */
export function findHome(surroundings: Surroundings = currentSurroundings()): Home {
  const { configDir, stateDir } = findDirs(surroundings);
  return {
    configDir,
    stateDir,
    proxyToml: join(configDir, 'proxy.toml'),
    gatewayToml: join(configDir, 'gateway.toml'),
    accountsDir: join(configDir, 'accounts'),
    proxyDatabase: join(stateDir, 'proxy.db'),
    endToEndDatabase: join(stateDir, 'endtoend.db'),
    gatewayDatabase: join(stateDir, 'gateway.db'),
    gatewayKey: join(stateDir, 'gateway.key'),
    keystoreDir: join(stateDir, 'keystore'),
    authorityFile: join(stateDir, 'ca.pem'),
  };
}

/** Makes the folders, for their owner only. */
export function makeHome(home: Home): void {
  for (const dir of [home.configDir, home.stateDir]) {
    try {
      mkdirSync(dir, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw new SimppError('storage-failed', `The folder ${dir} cannot be made.`, { cause: error });
    }
  }
}

function findDirs({ platform, home, env }: Surroundings): { configDir: string; stateDir: string } {
  const own = env['SIMPP_HOME'];
  if (own !== undefined && own !== '') return { configDir: resolve(own), stateDir: resolve(own) };
  if (platform === 'darwin') {
    const dir = join(home, 'Library', 'Application Support', 'simpp');
    return { configDir: dir, stateDir: dir };
  }
  if (platform === 'win32') {
    return {
      configDir: join(env['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'simpp'),
      // Databases and keys stay on this machine, they do not roam.
      stateDir: join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'simpp'),
    };
  }
  return {
    configDir: join(xdg(env['XDG_CONFIG_HOME']) ?? join(home, '.config'), 'simpp'),
    stateDir: join(xdg(env['XDG_STATE_HOME']) ?? join(home, '.local', 'state'), 'simpp'),
  };
}

/** The XDG Base Directory Specification: relative paths are to be ignored. */
function xdg(value: string | undefined): string | undefined {
  return value?.startsWith('/') ? value : undefined;
}
