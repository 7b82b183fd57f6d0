// The control socket of a running role: JSON-RPC for its owner only. Its
// being alive is also what tells a second process that this folder is in use.

import { chmodSync, lstatSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { createMessageConnection, ErrorCodes, ResponseError, type MessageConnection } from 'vscode-jsonrpc/node';
import type { z } from 'zod';
import { SimppError } from '../../shared/errors.ts';
import { connectSocket } from './connect.ts';
import type { Notification, Request } from './declare.ts';
import { toResponseError } from './failure.ts';

/** One client of the socket. */
export interface ControlPeer {
  notify<Params extends z.ZodType>(declared: Notification<Params>, params: z.input<Params>): void;
  /** Called once when the client is gone. */
  onClose(callback: () => void): void;
}

/** A declared request with what answers it. */
export interface ControlHandler {
  readonly method: string;
  handle(params: unknown, peer: ControlPeer): Promise<unknown>;
}

/** Binds a declared request to its answer; parameters are checked before, the result's type at compile time. */
export function answer<Params extends z.ZodType, Result extends z.ZodType>(
  declared: Request<Params, Result>,
  handle: (params: z.output<Params>, peer: ControlPeer) => z.input<Result> | Promise<z.input<Result>>,
): ControlHandler {
  return {
    method: declared.method,
    async handle(params, peer) {
      const checked = declared.params.safeParse(params ?? {});
      if (!checked.success) throw new ResponseError(ErrorCodes.InvalidParams, checked.error.message);
      return handle(checked.data, peer);
    },
  };
}

/** A socket that listens. */
export interface ControlServer {
  close(): Promise<void>;
}

/** Listens at `path`; throws SimppError('already-running') when another process does, replaces a stale socket. */
export async function listenControl(path: string, handlers: readonly ControlHandler[]): Promise<ControlServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(socket, handlers);
  });
  await listen(server, path);
  if (process.platform !== 'win32') chmodSync(path, 0o600);
  return {
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroySoon();
      await closed;
    },
  };
}

async function listen(server: Server, path: string): Promise<void> {
  try {
    await listenOnce(server, path);
  } catch (error) {
    if (!isSystemError(error, 'EADDRINUSE')) {
      throw new SimppError('storage-failed', `The control socket ${path} cannot be made.`, { cause: error });
    }
    const other = await connectSocket(path);
    if (other !== undefined) {
      other.destroy();
      throw new SimppError('already-running', undefined, { cause: error });
    }
    // Nobody answers: a socket that a killed process left behind, and nothing else, is replaced.
    if (!lstatSync(path).isSocket()) {
      throw new SimppError('storage-failed', `${path} is not a socket; move it away.`, { cause: error });
    }
    rmSync(path);
    await listenOnce(server, path);
  }
}

function listenOnce(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function serve(socket: Socket, handlers: readonly ControlHandler[]): void {
  const connection = createMessageConnection(socket, socket);
  const peer = peerOf(connection, socket);
  for (const handler of handlers) {
    connection.onRequest(handler.method, (params: unknown) =>
      handler.handle(params, peer).catch((error: unknown) => {
        throw error instanceof ResponseError ? error : toResponseError(error);
      }),
    );
  }
  // A peer that speaks no JSON-RPC is cut off.
  connection.onError(() => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('close', () => connection.dispose());
  connection.listen();
}

/** A client that leaves this many unread, since it was suspended, is cut off. */
const maxWaitingNotifications = 1000;

function peerOf(connection: MessageConnection, socket: Socket): ControlPeer {
  let waiting = 0;
  return {
    notify(declared, params) {
      // A client that went away needs no notifications.
      if (socket.destroyed) return;
      if (waiting >= maxWaitingNotifications) {
        socket.destroy();
        return;
      }
      waiting++;
      connection.sendNotification(declared.method, params).then(
        () => waiting--,
        () => socket.destroy(),
      );
    },
    onClose: (callback) => void socket.once('close', callback),
  };
}

function isSystemError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
