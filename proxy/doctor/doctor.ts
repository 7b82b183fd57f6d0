// All checks for what is set up in a folder: a proxy, a gateway, or both.

import { existsSync } from 'node:fs';
import { asSimppError } from '../../shared/errors.ts';
import type { Home, Role } from '../config/home.ts';
import { controlSocketPath } from '../control/socket-path.ts';
import type { SetupName } from '../options.ts';
import { checkClockByFiles } from './clock.ts';
import { findings } from './finding.ts';
import { checkFolder } from './folders.ts';
import { gatewaySections } from './gateway-sections.ts';
import { checkNode } from './node-version.ts';
import type { Patient } from './patient.ts';
import { proxySections } from './proxy-sections.ts';
import { runSections, type Section, type SectionReport } from './run-checks.ts';

/** What is to be looked at. */
export interface Question {
  /** Only this role; by default those that are set up. */
  readonly role?: Role | undefined;
  /** Only this set-up, not all. */
  readonly about?: SetupName | undefined;
  /** Whether to log in with stored passwords. */
  readonly login?: boolean;
}

/** Looks at everything, within some seconds. */
export async function examine(patient: Patient, { role, about, login = false }: Question): Promise<SectionReport[]> {
  const { home } = patient;
  const hasGateway = existsSync(home.gatewayToml);
  const hasProxy = existsSync(home.proxyToml) || existsSync(home.accountsDir);
  const sections: Section[] = [machineSection(patient)];
  if (role === 'proxy' || (role === undefined && (hasProxy || !hasGateway))) {
    sections.push(
      ...(await atSocket('proxy', home, (socketPath) => proxySections(patient, { about, login, socketPath }))),
    );
  }
  if (role === 'gateway' || (role === undefined && hasGateway && about === undefined)) {
    sections.push(...(await atSocket('gateway', home, (socketPath) => gatewaySections(patient, socketPath))));
  }
  return runSections(sections);
}

/** The folder for sockets with long paths may be somebody else's; without it nothing can be asked. */
async function atSocket(role: Role, home: Home, look: (path: string) => Promise<Section[]>): Promise<Section[]> {
  let path: string;
  try {
    path = controlSocketPath(home, role);
  } catch (error) {
    const say = findings('running');
    const finding = say.problem(asSimppError(error).message, 'export SIMPP_HOME=/a/shorter/path');
    return [{ title: `The ${role}`, checks: [{ name: 'running', run: () => [finding] }] }];
  }
  return look(path);
}

function machineSection({ home, nodeVersion, uid, now }: Patient): Section {
  const folders = [...new Set([home.configDir, home.stateDir])];
  return {
    title: 'This machine',
    checks: [
      { name: 'node', run: () => checkNode(nodeVersion) },
      ...folders.map((dir) => ({ name: 'folder', run: () => checkFolder(dir, uid) }) as const),
      { name: 'clock', run: () => checkClockByFiles(folders, now()) },
    ],
  };
}
