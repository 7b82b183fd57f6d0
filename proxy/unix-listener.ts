// Listens on a Unix socket for this user alone: the socket has mode 0600 and
// stands in a folder that nobody else can enter, so that it is private also in
// the moment between its making and its mode. A socket that an ended proxy left
// behind is replaced; anything else at its place is left alone.

import { once } from 'node:events';
import { chmodSync, lstatSync, mkdirSync, rmSync, statSync, type Stats } from 'node:fs';
import type { Server } from 'node:net';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { SimppError } from '../shared/errors.ts';
import { connectSocket } from './control/connect.ts';
import { maxPathBytes } from './control/socket-path.ts';
import type { UnixAddress } from './listen-address.ts';

/** Makes the server listen; throws SimppError `config-invalid` or `port-taken`, and then nothing was deleted. */
export async function listenUnix(server: Server, { path }: UnixAddress): Promise<void> {
  if (process.platform === 'win32') throw unusable(path, 'Windows has no such sockets for Node; use 127.0.0.1:PORT.');
  const length = Buffer.byteLength(path);
  if (length > maxPathBytes)
    throw unusable(path, `The path has ${length} bytes; at most ${maxPathBytes} are possible.`);
  checkFolder(path);
  await clearPlace(path);
  try {
    server.listen(path);
    await once(server, 'listening');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason';
    throw unusable(path, `Listening failed (${code}).`, cause);
  }
  chmodSync(path, 0o600);
}

function checkFolder(path: string): void {
  const folder = dirname(path);
  let found: Stats;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    found = statSync(folder);
  } catch (cause) {
    throw unusable(path, `Its folder ${folder} cannot be made.`, cause);
  }
  if (found.uid !== userInfo().uid) throw unusable(path, `Its folder ${folder} belongs to another user.`);
  if ((found.mode & 0o077) !== 0) {
    throw unusable(path, `Others can enter its folder ${folder}: use one of your own, or run: chmod 700 ${folder}`);
  }
}

/** Takes away a socket of ours on which nobody listens any more, and nothing else. */
async function clearPlace(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw unusable(path, 'There is something else at this place, which is left alone.');
  if (found.uid !== userInfo().uid) throw unusable(path, 'The socket at this place belongs to another user.');
  const other = await connectSocket(path);
  if (other === undefined) return rmSync(path);
  other.destroy();
  throw new SimppError('port-taken', `unix:${path} is already in use.`);
}

function unusable(path: string, why: string, cause?: unknown): SimppError {
  return new SimppError('config-invalid', `The Unix socket ${path} cannot be used. ${why}`, { cause });
}
