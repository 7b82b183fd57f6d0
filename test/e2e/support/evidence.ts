// What the roles logged and what nobody may ever find in a log, kept over a
// whole run of the end-to-end tests: 99-logs searches the one for the other.
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'simpp-logs-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const logFile = join(folder, 'all.log');
const secrets = new Map<string, string>();
/** Shorter ones are words that a log may have for other reasons. */
const shortest = 5;

/** Keeps a line that a role has logged. */
export function keepLogLine(role: string, line: string): void {
  appendFileSync(logFile, `${role}: ${line}\n`);
}

/** Keeps what must not be logged: `what` says which kind it is. */
export function keepSecret(what: string, secret: string): void {
  if (secret.length >= shortest) secrets.set(secret, what);
}

export function keptSecrets(): ReadonlyMap<string, string> {
  return secrets;
}

/** Everything logged so far. */
export async function keptLogs(): Promise<string> {
  return await readFile(logFile, 'utf8');
}
