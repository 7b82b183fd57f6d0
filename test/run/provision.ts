// Brings the Debian packages that the tests need: as root without a terminal
// (CI, containers) or with --install at once, on a terminal after a yes, else not
// at all: then tests are skipped by name. No system service is ever started.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';

import { missing, needNames, needTable } from './needs.ts';

const isRoot = process.getuid?.() === 0;

/**
 * Debian asks policy-rc.d before a package's script starts a service; 101 forbids it. One that is there
 * already is the administrator's and stays as it is. The lists are fetched only when a package is not found.
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
`;

const policyFile = '/usr/sbin/policy-rc.d';

async function mayInstall(packages: readonly string[], isAsked: boolean): Promise<boolean> {
  if (isAsked) return true;
  if (!process.stdin.isTTY || !process.stdout.isTTY) return isRoot;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`Tests need ${packages.join(', ')}. Install them with apt-get? [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

/** Installs what is missing, if it may; says on standard error what it does. */
export async function provision(options: { readonly install: boolean }): Promise<void> {
  const packages = [...new Set(missing(needNames).flatMap((name) => needTable[name].packages))];
  if (packages.length === 0 || !existsSync('/usr/bin/apt-get')) return;
  if (!(await mayInstall(packages, options.install))) return;
  console.error(`installing with apt-get: ${packages.join(' ')}`);
  const sudo = isRoot ? [] : ['sudo'];
  const [command = 'sh', ...args] = [...sudo, 'sh', '-c', installScript, 'sh', policyFile, ...packages];
  const run = spawnSync(command, args, { stdio: ['inherit', 2, 2] });
  if (run.status !== 0) console.error(`apt-get failed (${run.error?.message ?? run.status}); going on without`);
}
