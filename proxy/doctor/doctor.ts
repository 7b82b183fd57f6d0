// All checks for what is set up in a folder: a proxy, a gateway, or both.

import { existsSync } from 'node:fs';
import type { Role } from '../config/home.ts';
import { controlSocketPath } from '../control/socket-path.ts';
import type { SetupName } from '../options.ts';
import { checkClockByFiles } from './clock.ts';
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
    const socketPath = controlSocketPath(home, 'proxy');
    sections.push(...(await proxySections(patient, { about, login, socketPath })));
  }
  if (role === 'gateway' || (role === undefined && hasGateway && about === undefined)) {
    sections.push(...(await gatewaySections(patient, controlSocketPath(home, 'gateway'))));
  }
  return runSections(sections);
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
