// The folders of a role: whose they are, who else may look or write into them,
// whether they can be written at all, and how much room is left.

import { accessSync, constants, existsSync, statfsSync, statSync, type Stats } from 'node:fs';
import { dirname, parse } from 'node:path';
import { systemCode } from '../server/unreachable.ts';
import { findings, shellWord, type Finding } from './finding.ts';

/** Below the first nothing works for long; below the second it is time to make room. */
const fullBytes = 4 * 1024 * 1024;
const lowBytes = 64 * 1024 * 1024;

const say = findings('folder');

/** Looks at one folder. `uid` is that of this process; undefined where there are none (Windows). */
export function checkFolder(dir: string, uid: number | undefined): Finding[] {
  const stats = statSync(dir, { throwIfNoEntry: false });
  if (stats === undefined) return checkMissing(dir);
  if (!stats.isDirectory()) {
    return [say.problem(`${dir} is not a folder.`, `mv ${shellWord(dir)} ${shellWord(`${dir}.aside`)}`)];
  }
  const found = [...checkOwner(dir, stats, uid), ...checkWritable(dir), ...checkRoom(dir)];
  return found.length > 0 ? found : [say.ok(`${dir} is yours alone and can be written.`)];
}

function checkMissing(dir: string): Finding[] {
  let above = dirname(dir);
  while (!existsSync(above) && above !== parse(above).root) above = dirname(above);
  const trouble = checkWritable(above);
  return trouble.length > 0 ? trouble : [say.note(`${dir} is not there yet; it is made when something is set up.`)];
}

function checkOwner(dir: string, { uid: owner, mode }: Stats, uid: number | undefined): Finding[] {
  if (uid === undefined) return [];
  const path = shellWord(dir);
  // Root looks after folders of others, the gateway's service among them.
  if (owner !== uid && uid !== 0) {
    return [say.problem(`${dir} belongs to another user (uid ${owner}).`, `sudo chown -R ${uid} ${path}`)];
  }
  if ((mode & 0o022) !== 0) {
    return [say.problem(`Others can write into ${dir}, and so put keys of theirs there.`, `chmod 700 ${path}`)];
  }
  if ((mode & 0o055) !== 0) {
    return [say.warning(`Others can look into ${dir}: file names tell which accounts you have.`, `chmod 700 ${path}`)];
  }
  return [];
}

function checkWritable(dir: string): Finding[] {
  try {
    accessSync(dir, constants.W_OK | constants.X_OK);
    return [];
  } catch (error) {
    return systemCode(error) === 'EROFS'
      ? [
          say.problem(
            `${dir} is on a read-only disk: no key and no login can be stored.`,
            `sudo mount -o remount,rw ${shellWord(mountPoint(dir))}`,
          ),
        ]
      : [say.problem(`${dir} cannot be written by you.`, `chmod u+rwx ${shellWord(dir)}`)];
  }
}

function checkRoom(dir: string): Finding[] {
  const { bavail, bsize, blocks, files, ffree } = statfsSync(dir);
  const free = bavail * bsize;
  // Some file systems count neither blocks nor files.
  const isFull = blocks > 0 && free < fullBytes;
  const hasNoFiles = files > 0 && ffree < 16;
  const mend = `du -xh -d 2 ${shellWord(mountPoint(dir))} | sort -h | tail`;
  if (isFull || hasNoFiles) {
    const why = isFull ? `${Math.floor(free / 1024)} KiB are free` : 'no more files can be made';
    return [say.problem(`The disk of ${dir} is full: ${why}.`, mend)];
  }
  if (blocks === 0 || free >= lowBytes) return [];
  return [say.warning(`The disk of ${dir} is nearly full: ${Math.floor(free / 1024 / 1024)} MiB are free.`, mend)];
}

/** The highest folder on the same file system. */
function mountPoint(dir: string): string {
  let at = dir;
  for (;;) {
    const above = dirname(at);
    if (above === at || statSync(above).dev !== statSync(at).dev) return at;
    at = above;
  }
}
