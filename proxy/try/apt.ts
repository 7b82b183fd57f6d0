// Brings Debian packages: with `install`, or as root without a terminal (CI,
// containers), or on a terminal after a yes; else not at all. It says what it
// does on standard error and never lets a system service start.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';

const aptGet = '/usr/bin/apt-get';
const policyFile = '/usr/sbin/policy-rc.d';

/**
 * Debian asks policy-rc.d before a package's script starts a service; 101
 * forbids it. One that is there already is the administrator's and stays as it
 * is. A service that came along does not start with the machine either. The
 * lists are fetched only when a package is not found.
 */
export const installScript = `
set -e
export DEBIAN_FRONTEND=noninteractive
policy="$1"; shift
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 1' HUP INT TERM
  printf '#!/bin/sh\\nexit 101\\n' >"$policy"
  chmod 755 "$policy"
fi
install() { apt-get install -y -qq --no-install-recommends "$@"; }
install "$@" || { apt-get update -qq && install "$@"; }
for package in "$@"; do
  systemctl disable "$package.service" >/dev/null 2>&1 || true
done
`;

/** Whether to ask, and for what. */
export interface InstallWish {
  /** Install without asking. */
  readonly install: boolean;
  /** Who needs the packages, to complete "… needs prosody." */
  readonly who: string;
}

/** Installs packages if it may; whether they are there afterwards is for the caller to look. */
export async function installPackages(packages: readonly string[], { install, who }: InstallWish): Promise<void> {
  if (packages.length === 0 || !existsSync(aptGet)) return;
  const isRoot = process.getuid?.() === 0;
  if (!install && !(await mayInstall(packages, who, isRoot))) return;
  process.stderr.write(`${who} needs ${packages.join(', ')}: installing with apt-get\n`);
  const [command = 'sh', ...args] = [
    ...(isRoot ? [] : ['sudo']),
    'sh',
    '-c',
    installScript,
    'sh',
    policyFile,
    ...packages,
  ];
  // apt's own words go to standard error: standard output is for results.
  const child = spawn(command, args, { stdio: ['inherit', process.stderr, process.stderr] });
  const [code]: unknown[] = await once(child, 'exit');
  if (code !== 0) process.stderr.write('apt-get failed; what it said stands above\n');
}

async function mayInstall(packages: readonly string[], who: string, isRoot: boolean): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return isRoot;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${who} needs ${packages.join(', ')}. Install with apt-get? [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}
