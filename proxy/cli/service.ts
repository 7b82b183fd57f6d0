// `simpp service`: the role that starts by itself.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { SimppError } from '../../shared/errors.ts';
import { commandLine } from '../ca/trust-stores.ts';
import { findHome, makeHome, type Home, type Role } from '../config/home.ts';
import { proxySchema } from '../config/proxy-schema.ts';
import { readConfigFile } from '../config/read.ts';
import { controlSocketPath } from '../control/socket-path.ts';
import { connectSocket } from '../control/connect.ts';
import { keystoreKind } from '../keystore/keystore.ts';
import { thisWorld } from '../service/autostart.ts';
import { defineService, serviceFile, type Definition } from '../service/definition.ts';
import { thisService, type ServicePlatform } from '../service/service.ts';
import { HintedError } from './hint.ts';
import { processOutput, type Output } from './output.ts';
import { runCommands } from './run-commands.ts';

/** The command line of `simpp service install`. */
export interface InstallFlags {
  readonly print?: boolean;
  readonly platform?: ServicePlatform;
  readonly json?: boolean;
}

/** Writes the service's file and starts it, or shows them. */
export async function installService(role: Role, flags: InstallFlags): Promise<void> {
  const output = processOutput(flags.json === true);
  const home = findHome();
  if (flags.print === true) {
    printService(role, home, flags.platform, output);
    return;
  }
  if (flags.platform !== undefined)
    throw new SimppError('usage', '--platform is for --print: another system is not here.');
  const { file, bytes, enable, notes } = definitionHere(role, home);
  if (role === 'proxy') checkReady(home, output);
  makeHome(home);
  await warnIfRunning(role, home, output);
  writeDefinition(file, bytes);
  const started = canManage();
  if (started) runCommands(enable);
  output.say(
    started ? `The ${role} has started, and starts by itself from now on.` : `The ${role} is to start by itself.`,
  );
  output.say(`  file         ${file}`);
  for (const note of notes) output.say(`  note         ${note}`);
  if (!started) output.say(`\nsystemd does not run here. Where it does:\n${commandsText(enable)}`);
  output.result({ role, file, started, commands: enable.map(commandLine) });
}

/** Stops the service and removes its file. */
export async function uninstallService(role: Role, { json = false }: { readonly json?: boolean }): Promise<void> {
  const output = processOutput(json);
  const { file, disable } = definitionHere(role, findHome());
  const wasInstalled = existsSync(file);
  if (wasInstalled) {
    if (canManage()) runCommands(disable);
    remove(file);
  }
  output.say(wasInstalled ? `The ${role} does not start by itself any more.` : `The ${role} has no service here.`);
  output.result({ role, file, removed: wasInstalled });
}

/** Says whether it is installed and runs. */
export async function showService(role: Role, { json = false }: { readonly json?: boolean }): Promise<void> {
  const output = processOutput(json);
  const home = findHome();
  const { file, bytes } = definitionHere(role, home);
  const installed = existsSync(file);
  const current = installed && Buffer.from(bytes).equals(readFileSync(file));
  const socket = await connectSocket(controlSocketPath(home, role)).catch(() => undefined);
  socket?.destroy();
  const running = socket !== undefined;
  output.say(`The service of the ${role}:`);
  output.say(`  installed    ${installed ? file : 'no; "simpp service install" does it'}`);
  if (installed && !current)
    output.say('  changed      it is not the file that this simpp would write; install it again to take that');
  output.say(`  running      ${running ? 'yes' : 'no'}`);
  output.result({ role, file, installed, current, running });
}

function printService(role: Role, home: Home, platform: ServicePlatform | undefined, output: Output): void {
  const here = thisWorld();
  const world =
    platform === undefined
      ? here
      : { platform, home: home.configDir, env: {}, ...(here?.platform === platform ? here : {}) };
  if (world === undefined) throw noServices();
  const { file, text, enable } = defineService(thisService(role, foldersOf(role, home)), world);
  output.say(text.trimEnd());
  output.result({ role, file, text, commands: enable.map(commandLine) });
}

function definitionHere(role: Role, home: Home): Definition {
  const world = thisWorld();
  if (world === undefined) throw noServices();
  return defineService(thisService(role, foldersOf(role, home)), world);
}

/** State, control socket and, for a proxy, the Unix sockets that clients use. */
function foldersOf(role: Role, home: Home): string[] {
  const config = role === 'proxy' ? readConfigFile(home.proxyToml, proxySchema) : undefined;
  const sockets = (config?.listen ?? []).flatMap((address) => ('path' in address ? [dirname(address.path)] : []));
  return [home.stateDir, dirname(controlSocketPath(home, role)), ...sockets];
}

function noServices(): SimppError {
  return new SimppError('missing-program', 'simpp knows no way to start a service on this system.');
}

/** A service that could only fail is not installed. */
function checkReady(home: Home, output: Output): void {
  if (!existsSync(home.accountsDir))
    throw new SimppError('config-missing', `No account is set up in ${home.accountsDir}.`);
  if (keystoreKind(home.keystoreDir) === 'passphrase' && !process.env['SIMPP_PASSPHRASE_FILE']) {
    output.warn(
      'The keystore needs a passphrase, and a service can ask nobody: name its file in SIMPP_PASSPHRASE_FILE and install again.',
    );
  }
}

/** Two processes cannot share a folder. */
async function warnIfRunning(role: Role, home: Home, output: Output): Promise<void> {
  const file = thisWorld() === undefined ? '' : serviceFile(role, thisWorld()!);
  const socket = await connectSocket(controlSocketPath(home, role)).catch(() => undefined);
  socket?.destroy();
  if (socket !== undefined && !existsSync(file)) {
    output.warn(`A ${role} runs already; end it, or the service waits for its folder.`);
  }
}

/** systemd may be installed without being what runs this machine, as in a container. */
function canManage(): boolean {
  return process.platform !== 'linux' || existsSync('/run/systemd/system');
}

function writeDefinition(file: string, bytes: Uint8Array | string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes, { mode: 0o644 });
  } catch (cause) {
    throw failed(file, 'written', cause);
  }
}

function remove(file: string): void {
  try {
    rmSync(file);
  } catch (cause) {
    throw failed(file, 'removed', cause);
  }
}

function failed(file: string, what: string, cause: unknown): HintedError {
  const hint = 'The service of a gateway is for an administrator: sudo.';
  return new HintedError('storage-failed', `The file ${file} cannot be ${what}.`, hint, { cause });
}

function commandsText(commands: Definition['enable']): string {
  return commands.map((command) => `  ${commandLine(command)}`).join('\n');
}
