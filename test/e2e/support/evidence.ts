// What the roles logged and what nobody may ever find in a log, kept over a
// whole run of the end-to-end tests, whose suites are processes of their own:
// 99-logs searches the one for the other.
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = process.env['SIMPP_TEST_EVIDENCE'] ?? ownFolder();
const logFile = join(folder, 'all.log');
const secretFile = join(folder, 'secrets');
const kept = new Set<string>();
/** Shorter ones are words that a log may have for other reasons. */
const shortest = 5;

function ownFolder(): string {
  const own = mkdtempSync(join(tmpdir(), 'simpp-evidence-'));
  process.once('exit', () => rmSync(own, { recursive: true, force: true }));
  return own;
}

/** Keeps a line that a role has logged. */
export function keepLogLine(role: string, line: string): void {
  appendFileSync(logFile, `${role}: ${line}\n`);
}

/** Keeps what must not be logged: `what` says which kind it is. */
export function keepSecret(what: string, secret: string): void {
  if (secret.length < shortest || kept.has(secret)) return;
  kept.add(secret);
  appendFileSync(secretFile, `${JSON.stringify([secret, what])}\n`);
}

/** Everything that must not be logged so far, with its kind. */
export async function keptSecrets(): Promise<ReadonlyMap<string, string>> {
  const lines = (await readFile(secretFile, 'utf8')).split('\n').filter((line) => line !== '');
  // as: written above.
  return new Map(lines.map((line) => JSON.parse(line) as [string, string]));
}

/** Everything logged so far. */
export async function keptLogs(): Promise<string> {
  return await readFile(logFile, 'utf8');
}
