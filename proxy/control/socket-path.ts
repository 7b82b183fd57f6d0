// Where a role's control socket is: in its folder, or, when that path is too
// long for the system's sockaddr_un, under a hash of it in a private folder.

import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { SimppError } from '../../shared/errors.ts';
import type { Home, Role } from '../config/home.ts';

/** sun_path without its end: 108 bytes on Linux, 104 on macOS and the BSDs. */
export const maxPathBytes = process.platform === 'linux' ? 107 : 103;

/** The socket (on Windows: the named pipe) of a role; makes a private folder when one is needed. */
export function controlSocketPath(home: Home, role: Role): string {
  const path = join(home.stateDir, `${role}.sock`);
  const hash = createHash('sha256').update(path).digest('hex').slice(0, 32);
  if (process.platform === 'win32') return `\\\\.\\pipe\\simpp-${hash}`;
  return Buffer.byteLength(path) <= maxPathBytes ? path : join(privateDir(), `${hash}.sock`);
}

/** A folder of ours alone. In /tmp anyone may have made one with its name first. */
function privateDir(): string {
  const { uid } = userInfo();
  const runtime = process.env['XDG_RUNTIME_DIR'];
  const dir = runtime?.startsWith('/') ? join(runtime, 'simpp') : join(tmpdir(), `simpp-${uid}`);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const found = lstatSync(dir);
  if (!found.isDirectory() || found.uid !== uid) {
    throw new SimppError('storage-failed', `${dir} belongs to somebody else; set SIMPP_HOME to a shorter path.`);
  }
  if ((found.mode & 0o077) !== 0) chmodSync(dir, 0o700);
  return dir;
}
