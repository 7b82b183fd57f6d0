// The checks of a proxy and of each of its set-ups.

import { setupDomain } from '../address.ts';
import { readSetups, type SetupFile } from '../config/accounts.ts';
import { proxySchema, type ProxyConfig } from '../config/proxy-schema.ts';
import { readConfigFile } from '../config/read.ts';
import { listAccounts, tryAccount } from '../control/account-methods.ts';
import { connectControl } from '../control/client.ts';
import type { ProxyRoleStatus } from '../control/methods.ts';
import type { StatusFacts } from '../endtoend/desk.ts';
import { setupName, type Setup, type SetupName } from '../options.ts';
import type { TrialLogin } from '../server/trial-login.ts';
import type { AccountFacts } from '../store/account-facts.ts';
import { readAccounts } from '../store/read-accounts.ts';
import { checkBypass } from './bypass.ts';
import { checkEndToEnd } from './end-to-end.ts';
import { readForDoctor, type Readable } from './config-files.ts';
import { findRole } from './control-socket.ts';
import { checkDevices, checkPassword } from './device.ts';
import { checkDirectRoute } from './direct-route.ts';
import { findings, shellWord } from './finding.ts';
import { checkGatewayRoute } from './gateway-route.ts';
import { checkListeners } from './listeners.ts';
import { checkLocalAuthority } from './local-authority.ts';
import { checkLogin } from './login.ts';
import type { Patient } from './patient.ts';
import type { Check, Section } from './run-checks.ts';
import { checkSecrets } from './secrets.ts';

export interface ProxySectionsOptions {
  /** Only this set-up, not all. */
  readonly about: SetupName | undefined;
  /** Whether to log in with stored passwords. */
  readonly login: boolean;
  readonly socketPath: string;
}

/** All sections of a proxy. */
export async function proxySections(patient: Patient, options: ProxySectionsOptions): Promise<Section[]> {
  const { home, uid } = patient;
  const presence = await findRole('proxy', options.socketPath, uid);
  // as: the socket of a proxy was asked.
  const running = presence.status as ProxyRoleStatus | undefined;
  const config = readForDoctor(() => readConfigFile(home.proxyToml, proxySchema) ?? proxySchema.parse({}));
  const setups = readForDoctor(() => readSetups(home.accountsDir));
  const facts = await readFacts(patient, options.socketPath, running !== undefined);
  const wanted = wantedName(options.about, setups);
  const secrets = {
    keystoreDir: home.keystoreDir,
    databaseFile: home.proxyDatabase,
    openKey: patient.openKey,
    isRunning: running !== undefined,
  };
  // One process at a time can have the database.
  const oneByOne = queue();
  const own: Check[] = [
    { name: 'config', run: () => describeConfig(patient, config, setups, wanted) },
    { name: 'keystore', run: () => oneByOne(() => checkSecrets(secrets)) },
    { name: 'running', run: () => presence.findings },
    ...(config.kind === 'read' ? listenerChecks(patient, config.value, running) : []),
    { name: 'autostart', run: () => [patient.autostart('proxy')] },
  ];
  const chosen = setups.kind === 'read' ? setups.value.filter(({ setup }) => isWanted(setup, wanted)) : [];
  return [
    { title: 'The proxy', checks: own },
    ...chosen.map((file) =>
      setupSection(patient, file, facts, {
        ...options,
        isRunning: running !== undefined,
        endToEnd: running?.endToEnd ?? [],
        oneByOne,
      }),
    ),
  ];
}

/** An account without a set-up of its own uses that of its domain. */
function wantedName(about: SetupName | undefined, setups: Readable<readonly SetupFile[]>): string | undefined {
  if (about === undefined || setups.kind === 'wrong') return about && setupName(about);
  const names = new Set(setups.value.map(({ setup }) => setupName(setup)));
  const domain = setupDomain(about);
  return !names.has(setupName(about)) && names.has(domain) ? domain : setupName(about);
}

function isWanted(setup: Setup, wanted: string | undefined): boolean {
  return wanted === undefined || setupName(setup) === wanted || setupDomain(setup) === wanted;
}

function describeConfig(
  { home }: Patient,
  config: Readable<ProxyConfig>,
  setups: Readable<readonly SetupFile[]>,
  wanted: string | undefined,
): ReturnType<Check['run']> {
  const say = findings('config');
  const wrong = [config, setups].flatMap((read) => (read.kind === 'wrong' ? read.findings : []));
  if (wrong.length > 0) return wrong;
  const count = setups.kind === 'read' ? setups.value.length : 0;
  if (count === 0) return [say.problem(`Nothing is set up in ${home.configDir}.`, 'simpp setup')];
  if (setups.kind === 'read' && !setups.value.some(({ setup }) => isWanted(setup, wanted))) {
    return [say.problem(`${wanted} is not set up here.`, `simpp setup ${shellWord(wanted ?? '')}`)];
  }
  return [say.ok(`${count === 1 ? 'One set-up' : `${count} set-ups`} in ${home.accountsDir}.`)];
}

function listenerChecks(patient: Patient, config: ProxyConfig, running: ProxyRoleStatus | undefined): Check[] {
  const { home, uid } = patient;
  const common = { role: 'proxy', file: home.proxyToml, uid } as const;
  const lists = [
    { key: 'listen', wanted: config.listen, running: running?.listen },
    { key: 'listen_starttls', wanted: config.listen_starttls, running: running && (running.listenStarttls ?? []) },
    { key: 'listen_tls', wanted: config.listen_tls, running: running && (running.listenTls ?? []) },
  ] as const;
  const hasTls = config.listen_starttls.length + config.listen_tls.length > 0;
  return [
    ...lists.map((list): Check => ({ name: 'listen', run: () => checkListeners({ ...list, ...common }) })),
    { name: 'local-ca', run: () => checkLocalAuthority(home.authorityFile, hasTls) },
  ];
}

function setupSection(
  patient: Patient,
  { setup, file }: SetupFile,
  facts: readonly AccountFacts[] | undefined,
  options: ProxySectionsOptions & {
    readonly isRunning: boolean;
    readonly endToEnd: readonly StatusFacts[];
    readonly oneByOne: Queue;
  },
): Section {
  const { crypto, now, lookup, hostMeta } = patient;
  const checks: Check[] = [];
  if (setup.mode === 'gateway') {
    checks.push(
      { name: 'gateway', run: (signal) => checkGatewayRoute({ setup, file, crypto, signal }) },
      { name: 'device', run: () => checkDevices(setup, facts) },
      { name: 'bypass', run: (signal) => checkBypass({ setup, signal, now, lookup, hostMeta }) },
    );
  } else {
    checks.push({ name: 'address', run: (signal) => checkDirectRoute({ setup, file, now: now(), signal, lookup }) });
  }
  checks.push({ name: 'login', run: () => checkPassword(setup, facts) });
  checks.push({ name: 'encryption', run: () => checkEndToEnd(setup, options.endToEnd) });
  if (options.login && setup.kind === 'jid') {
    const tryLogin = (signal: AbortSignal): Promise<TrialLogin> =>
      options.isRunning
        ? askToTry(options.socketPath, setup.jid)
        : options.oneByOne(() => patient.tryLogin(setup, signal));
    checks.push({ name: 'login', run: (signal) => checkLogin({ setup, now, tryLogin: () => tryLogin(signal) }) });
  }
  return { title: `${setupName(setup)} (${setup.mode === 'gateway' ? 'through a gateway' : 'direct'})`, checks };
}

type Queue = <Result>(job: () => Promise<Result>) => Promise<Result>;

/** Runs jobs one after the other, whatever becomes of each. */
function queue(): Queue {
  let last: Promise<unknown> = Promise.resolve();
  return (job) => {
    const done = last.then(job, job);
    last = done;
    return done;
  };
}

/** A running proxy holds the database, and logs in itself. */
async function askToTry(socketPath: string, name: string): Promise<TrialLogin> {
  const client = await connectControl(socketPath);
  if (client === undefined) return { kind: 'failed', code: 'not-running', text: 'The proxy has just ended.' };
  return client.call(tryAccount, { name }).finally(() => client.close());
}

/** What is stored about the accounts; undefined when it cannot be read, which other checks then say. */
async function readFacts(
  { home, crypto }: Patient,
  socketPath: string,
  isRunning: boolean,
): Promise<readonly AccountFacts[] | undefined> {
  try {
    if (!isRunning) return readAccounts(home.proxyDatabase, crypto);
    const client = await connectControl(socketPath);
    const answer = await client?.call(listAccounts, {}).finally(() => client.close());
    return answer?.accounts;
  } catch {
    return undefined;
  }
}
