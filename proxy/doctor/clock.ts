// The clock of this machine. What others say about the time comes from other
// checks; here the folder's own files are asked, which cannot be from the future.

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { findings, type Finding } from './finding.ts';

const say = findings('clock');
/** Certificates and bundles bear more; people notice this much. */
const tolerableMs = 5 * 60_000;
const mend = 'sudo timedatectl set-ntp true';

/** Compares `now` with the newest file in the folders; both in milliseconds since 1970. */
export function checkClockByFiles(folders: readonly string[], now: number): Finding[] {
  const newest = Math.max(0, ...folders.flatMap(modificationTimes));
  if (newest - now <= tolerableMs) return [say.ok(`The clock says ${new Date(now).toISOString().slice(0, 16)}Z.`)];
  return [
    say.warning(
      `The clock is behind: it says ${new Date(now).toISOString().slice(0, 16)}Z, but a file of simpp was written ${describe(newest - now)} later.`,
      mend,
    ),
  ];
}

/** Compares `now` with a time that somebody else said, both in milliseconds since 1970. */
export function checkClockBySaying(now: number, said: number, who: string): Finding[] {
  const ahead = now - said;
  if (Math.abs(ahead) <= tolerableMs) return [];
  const direction = ahead > 0 ? 'ahead of' : 'behind';
  return [say.warning(`The clock is ${describe(Math.abs(ahead))} ${direction} ${who}.`, mend)];
}

function modificationTimes(folder: string): number[] {
  try {
    return readdirSync(folder).map((name) => statSync(join(folder, name)).mtimeMs);
  } catch {
    return [];
  }
}

function describe(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
}
