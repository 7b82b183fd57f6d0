// Debian packages that the try-out world and the tests run: installed when
// missing, never without saying so, never starting a system service.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { SimppError } from '../../shared/errors.ts';

/** How each package shows that it is installed: one of its files, or a program on the path. */
const packages = {
  prosody: { program: 'prosody' },
  profanity: { program: 'profanity' },
  tmux: { program: 'tmux' },
  openssl: { program: 'openssl' },
  'python3-slixmpp': { file: '/usr/lib/python3/dist-packages/slixmpp/__init__.py' },
  'python3-cryptography': { file: '/usr/lib/python3/dist-packages/cryptography/__init__.py' },
} as const satisfies Record<string, { readonly program: string } | { readonly file: string }>;

/** A package that SIMPP knows how to look for. */
export type PackageName = keyof typeof packages;

/** Whether people are asked, told, or only looked after. */
export interface InstallOptions {
  /** Install without asking (`--install`). */
  readonly install: boolean;
  /** Where progress goes; stderr, so that stdout stays for results. */
  readonly say?: (text: string) => void;
}

async function exists(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}

async function isInstalled(name: PackageName): Promise<boolean> {
  const sign = packages[name];
  if ('file' in sign) return exists(sign.file, constants.R_OK);
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/sbin', '/usr/local/bin'];
  const found = await Promise.all(folders.map((folder) => exists(join(folder, sign.program), constants.X_OK)));
  return found.includes(true);
}

/** Those of the packages that are not installed. */
export async function missingPackages(names: readonly PackageName[]): Promise<readonly PackageName[]> {
  const installed = await Promise.all(names.map(isInstalled));
  return names.filter((_name, at) => installed[at] === false);
}

/**
 * Installs what is missing, if that is wanted: with `install`, or as root
 * without a terminal (CI, containers), or after a yes on a terminal. Returns
 * what is still missing.
 */
export async function installMissing(
  names: readonly PackageName[],
  options: InstallOptions,
): Promise<readonly PackageName[]> {
  const say = options.say ?? ((text: string): void => void process.stderr.write(`${text}\n`));
  const missing = await missingPackages(names);
  if (missing.length === 0 || !(await exists('/usr/bin/apt-get', constants.X_OK))) return missing;
  const isRoot = process.getuid?.() === 0;
  const isInteractive = process.stdin.isTTY && process.stderr.isTTY;
  if (options.install || (isRoot && !isInteractive)) {
    if (!isRoot) say('Installing packages needs root: sudo asks for your password.');
  } else if (isInteractive) {
    if (!(await confirm(`Debian packages are missing: ${missing.join(', ')}. Install them now? [y/N] `)))
      return missing;
  } else {
    return missing;
  }
  say(`Installing Debian packages: ${missing.join(', ')} (no system service is started).`);
  await install(missing, isRoot);
  return missingPackages(names);
}

/** Like installMissing; throws SimppError('missing-program') when something is still missing. */
export async function ensurePackages(names: readonly PackageName[], options: InstallOptions): Promise<void> {
  const missing = await installMissing(names, options);
  if (missing.length === 0) return;
  throw new SimppError(
    'missing-program',
    `This needs ${missing.join(', ')}. On Debian: apt-get install ${missing.join(' ')}, or run it again with --install. ` +
      'With --server HOST:PORT an XMPP server of your own is used.',
  );
}

async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(question)).trim());
  } finally {
    terminal.close();
  }
}

/**
 * Runs as root. policy-rc.d answering 101 is Debian's own way to keep
 * maintainer scripts from starting services; ours goes when it is done.
 */
const installScript = `set -eu
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\\nexit 101\\n' > "$policy"
  chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -q update
apt-get -q install -y --no-install-recommends "$@"`;

async function install(names: readonly PackageName[], isRoot: boolean): Promise<void> {
  const shell = ['sh', '-c', installScript, 'sh', ...names];
  const [command, ...args] = isRoot ? shell : ['sudo', ...shell];
  // apt's own words go to stderr: stdout is for results.
  const child = spawn(command!, args, { stdio: [isRoot ? 'ignore' : 'inherit', process.stderr, process.stderr] });
  const [code]: unknown[] = await once(child, 'exit');
  if (code !== 0)
    throw new SimppError('missing-program', 'Installing the packages failed; what apt-get said stands above.');
}
