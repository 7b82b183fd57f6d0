// The checks of a gateway and of the server behind it.

import { gatewayOptions, gatewaySchema, type GatewayConfig } from '../config/gateway-schema.ts';
import { readConfigFile } from '../config/read.ts';
import { readForDoctor } from './config-files.ts';
import { findRole } from './control-socket.ts';
import { findings } from './finding.ts';
import { checkDirectory, checkGatewayKey, checkOwnCertificate } from './gateway-secrets.ts';
import { checkListeners } from './listeners.ts';
import type { Patient } from './patient.ts';
import type { Check, Section } from './run-checks.ts';
import { checkServerBehind, checkServerPort } from './server-behind.ts';

/** All sections of a gateway. */
export async function gatewaySections(patient: Patient, socketPath: string): Promise<Section[]> {
  const { home, uid } = patient;
  const { status, findings: found } = await findRole('gateway', socketPath, uid);
  const config = readForDoctor(() => readConfigFile(home.gatewayToml, gatewaySchema));
  const common: Check[] = [
    { name: 'running', run: () => found },
    { name: 'directory', run: () => checkDirectory(home.gatewayDatabase, status !== undefined) },
    { name: 'autostart', run: () => [patient.autostart('gateway')] },
  ];
  if (config.kind === 'wrong' || config.value === undefined) {
    const say = findings('config');
    const wrong =
      config.kind === 'wrong'
        ? config.findings
        : [say.problem(`There is no ${home.gatewayToml}.`, 'simpp gateway init --domain … --server …')];
    return [{ title: 'The gateway', checks: [{ name: 'config', run: () => wrong }, ...common] }];
  }
  return [
    { title: 'The gateway', checks: [...configured(patient, config.value, status?.listen), ...common] },
    ...serverSections(patient, config.value),
  ];
}

function configured(patient: Patient, config: GatewayConfig, running: readonly string[] | undefined): Check[] {
  const { home, crypto, now, uid } = patient;
  const say = findings('config');
  const options = gatewayOptions(config, home.gatewayToml, home.gatewayDatabase);
  const listeners = {
    key: 'listen',
    wanted: config.listen,
    running,
    role: 'gateway',
    file: home.gatewayToml,
    uid,
  } as const;
  return [
    { name: 'config', run: () => [say.ok(`${home.gatewayToml} can be read.`)] },
    { name: 'gateway-key', run: () => checkGatewayKey(home.gatewayKey, config.profile, crypto) },
    { name: 'listen', run: () => checkListeners(listeners) },
    { name: 'own-certificate', run: () => checkOwnCertificate(options, now()) },
  ];
}

function serverSections({ home, now }: Patient, config: GatewayConfig): Section[] {
  const options = gatewayOptions(config, home.gatewayToml, home.gatewayDatabase);
  const file = home.gatewayToml;
  const port: Check = { name: 'server-port', run: () => checkServerPort({ options }) };
  return config.domains.map((domain, index) => ({
    title: `The server behind it, for ${domain}`,
    checks: [
      { name: 'server', run: (signal) => checkServerBehind(domain, { options, file, now: now(), signal }) },
      ...(index === 0 ? [port] : []),
    ],
  }));
}
