// A client of the control socket: the CLI, the extension.

import type { Socket } from 'node:net';
import { createMessageConnection, type MessageConnection } from 'vscode-jsonrpc/node';
import type { z } from 'zod';
import { SimppError } from '../../shared/errors.ts';
import { connectSocket } from './connect.ts';
import type { Notification, Request } from './declare.ts';
import { fromResponseError } from './failure.ts';

/** A connection to a running role. */
export class ControlClient {
  readonly #connection: MessageConnection;
  readonly #socket: Socket;
  /** Resolves when the role is gone. */
  readonly closed: Promise<void>;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#connection = createMessageConnection(socket, socket);
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#connection.dispose());
    this.#connection.onError(() => socket.destroy());
    this.#connection.listen();
  }

  /** Asks; throws the SimppError that the role threw. */
  async call<Params extends z.ZodType, Result extends z.ZodType>(
    declared: Request<Params, Result>,
    params: z.input<Params>,
  ): Promise<z.output<Result>> {
    const result: unknown = await this.#connection.sendRequest(declared.method, params).catch((error: unknown) => {
      throw fromResponseError(error);
    });
    const checked = declared.result.safeParse(result);
    if (checked.success) return checked.data;
    throw new SimppError('internal', 'The running process is of another version of simpp.', { cause: checked.error });
  }

  /** Calls back for each notification that has the declared form. */
  on<Params extends z.ZodType>(declared: Notification<Params>, callback: (params: z.output<Params>) => void): void {
    this.#connection.onNotification(declared.method, (params: unknown) => {
      const checked = declared.params.safeParse(params);
      if (checked.success) callback(checked.data);
    });
  }

  close(): void {
    this.#socket.end();
  }
}

/** Connects to a role's control socket; undefined when it is not running. */
export async function connectControl(path: string): Promise<ControlClient | undefined> {
  const socket = await connectSocket(path);
  return socket === undefined ? undefined : new ControlClient(socket);
}
