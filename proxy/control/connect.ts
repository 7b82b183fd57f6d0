// Connects to a Unix socket, or finds that nobody listens.

import { createConnection, type Socket } from 'node:net';
import { SimppError } from '../../shared/errors.ts';

const nobody: ReadonlySet<unknown> = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTSOCK']);

/** A connected socket; undefined when no process listens there. */
export function connectSocket(path: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (nobody.has(error.code)) resolve(undefined);
      else reject(new SimppError('storage-failed', `The socket ${path} cannot be opened.`, { cause: error }));
    });
  });
}
