// `simpp cert install`: makes the system trust the local authority where this
// process may do so, and says exactly how where it may not.

import { join } from 'node:path';
import type { PublicAuthority } from '../ca/authority.ts';
import { commandLine, nssCommand, systemPlan, type Command, type Trusted, type TrustPlan } from '../ca/trust-stores.ts';
import { findHome, type Home } from '../config/home.ts';
import { writeFileAtomically } from '../config/write.ts';
import { ensureAuthorities } from './authorities.ts';
import { systemFingerprints } from './cert.ts';
import { processOutput, type Output } from './output.ts';
import { runCommands } from './run-commands.ts';

/** The command line of `simpp cert install`. */
export interface CertInstallFlags {
  readonly remove?: boolean;
  readonly print?: boolean;
  readonly json?: boolean;
}

/** Runs the command. */
export async function installCert({ remove = false, print = false, json = false }: CertInstallFlags): Promise<void> {
  const output = processOutput(json);
  const home = findHome();
  const authorities = await ensureAuthorities(home);
  const known = systemFingerprints();
  const due = authorities.filter(({ certificate }) => remove || !known.has(certificate.fingerprint256));
  if (due.length === 0) {
    output.say('This system trusts the local authority already.');
    output.result({ done: true, commands: [] });
    return;
  }
  const files = due.map((authority) => writeTrusted(home, authority));
  const plans = files.map((file) => systemPlan(file)).filter((plan) => plan !== undefined);
  const commands = commandsOf(plans, remove ? 'remove' : 'install');
  const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
  if (isRoot && !print && commands.length > 0) {
    runCommands(commands);
    output.say(remove ? 'This system trusts the local authority no more.' : 'This system trusts the local authority.');
    output.say('Programs that run take it when they are started again.');
    output.result({ done: true, commands: commands.map(commandLine) });
    return;
  }
  const lines = commands.map((command) => `${needsSudo(plans) ? 'sudo ' : ''}${commandLine(command)}`);
  tell(output, { files, lines, remove, store: plans[0]?.store });
  output.result({ done: false, commands: lines, files: files.map(({ file }) => file) });
}

/** The certificate in a file of its own, as the systems' commands want it. */
function writeTrusted(home: Home, { certificate, id }: PublicAuthority): Trusted {
  const name = `simpp-${id}`;
  const file = join(home.stateDir, 'ca', `${name}.pem`);
  writeFileAtomically(file, certificate.toString());
  return { file, name, sha1: certificate.fingerprint.replaceAll(':', '') };
}

/** The commands of all plans, what brings the store up to date once and last. */
function commandsOf(plans: readonly TrustPlan[], what: 'install' | 'remove'): readonly Command[] {
  const byText = new Map<string, Command>();
  for (const command of plans.flatMap((plan) => plan[what])) {
    const text = commandLine(command);
    byText.delete(text);
    byText.set(text, command);
  }
  return [...byText.values()];
}

function needsSudo(plans: readonly TrustPlan[]): boolean {
  return plans.some(({ needsRoot }) => needsRoot) && process.getuid?.() !== 0;
}

interface Telling {
  readonly files: readonly Trusted[];
  readonly lines: readonly string[];
  readonly remove: boolean;
  readonly store: string | undefined;
}

function tell(output: Output, { files, lines, remove, store }: Telling): void {
  const what = remove ? 'To make this system trust the local authority no more' : 'To make this system trust it';
  if (store === undefined)
    output.say(`simpp does not know where this system keeps what it trusts. ${whichFiles(files)}`);
  else output.say([`${what} (${store}), run:`, ...lines.map((line) => `  ${line}`)].join('\n'));
  if (remove || process.platform !== 'linux') return;
  output.say('\nA program with an NSS database of its own, like Chromium, takes it with certutil (libnss3-tools):');
  for (const file of files) output.say(`  ${nssCommand(file)}`);
}

function whichFiles(files: readonly Trusted[]): string {
  return `The certificate is in ${files.map(({ file }) => file).join(', ')}.`;
}
