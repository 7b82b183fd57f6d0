// A TCP forwarder that keeps every byte of both directions, and on command
// changes, injects, stalls or cuts them: the eavesdropper and the attacker of the
// e2e tests.
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Seen from the tap: `up` goes to the server, `down` to whoever connected to the tap. */
export type Direction = 'up' | 'down';

/** What happens to each chunk on its way; an empty result drops it. */
export type Transform = (chunk: Uint8Array, direction: Direction, connection: number) => Uint8Array;

interface Link {
  readonly index: number;
  readonly near: Socket;
  readonly far: Socket;
}

type Captured = Readonly<Record<Direction, Buffer[]>>;

const host = '127.0.0.1';

export class WireTap implements AsyncDisposable {
  readonly host = host;
  readonly #server: Server;
  readonly #links = new Set<Link>();
  readonly #captured: Captured[] = [];
  #transform: Transform = (chunk) => chunk;
  #stalled = false;

  private constructor(targetPort: number, targetHost: string) {
    // Half-closed connections stay half closed on the other side, as on a wire.
    this.#server = createServer({ allowHalfOpen: true }, (near) => {
      const far = connect({ port: targetPort, host: targetHost, allowHalfOpen: true });
      const link = { index: this.#captured.push({ up: [], down: [] }) - 1, near, far };
      this.#links.add(link);
      this.#forward(link, near, far, 'up');
      this.#forward(link, far, near, 'down');
    });
  }

  /** A tap before the given server, on a free port unless told otherwise. */
  static async start(target: { readonly port: number; readonly host?: string }, port = 0): Promise<WireTap> {
    const tap = new WireTap(target.port, target.host ?? host);
    tap.#server.listen(port, host);
    await once(tap.#server, 'listening');
    return tap;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the tap is closed');
    return address.port;
  }

  /** Connections taken so far. */
  get connections(): number {
    return this.#captured.length;
  }

  /** All bytes as they were received, before any transform: connection by connection, `up` before `down`. */
  captured(direction?: Direction): Buffer {
    const directions = direction ? [direction] : (['up', 'down'] as const);
    return Buffer.concat(this.#captured.flatMap((connection) => directions.flatMap((each) => connection[each])));
  }

  /** From now on every chunk passes through this function. */
  transform(change: Transform): void {
    this.#transform = change;
  }

  /** Sends bytes to the client side of the newest connection, as if the server had sent them. */
  injectTowardsClient(bytes: Uint8Array): void {
    this.#newest().near.write(bytes);
  }

  /** Sends bytes to the server on the newest connection, as if the client had sent them. */
  injectTowardsServer(bytes: Uint8Array): void {
    this.#newest().far.write(bytes);
  }

  /** Nothing passes any more, but no connection closes. */
  stall(): void {
    this.#stalled = true;
    for (const { near, far } of this.#links) {
      near.pause();
      far.pause();
    }
  }

  /** What was held back by `stall` goes on. */
  resume(): void {
    this.#stalled = false;
    for (const { near, far } of this.#links) {
      near.resume();
      far.resume();
    }
  }

  /** Resets all present connections, or the one of this number; new ones are taken. */
  cut(connection?: number): void {
    for (const { index, near, far } of this.#links) {
      if (connection !== undefined && index !== connection) continue;
      reset(near);
      reset(far);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.cut();
    await closed;
  }

  #newest(): Link {
    const newest = [...this.#links].at(-1);
    if (!newest) throw new Error('no connection passes through the tap');
    return newest;
  }

  #forward(link: Link, from: Socket, to: Socket, direction: Direction): void {
    from.on('data', (chunk: Buffer) => {
      this.#captured[link.index]?.[direction].push(chunk);
      const passed = this.#transform(chunk, direction, link.index);
      if (passed.length === 0 || to.write(passed)) return;
      from.pause();
      to.once('drain', () => {
        if (!this.#stalled) from.resume();
      });
    });
    from.on('end', () => to.end());
    // A reset of one side is a reset of the other; the error itself is of no interest.
    from.on('error', () => reset(to));
    from.on('close', () => {
      if (to.destroyed) this.#links.delete(link);
    });
    if (this.#stalled) from.pause();
  }
}

/**
 * Closes with RST where possible. A socket whose FIN is being sent cannot be reset, and Node 24 then
 * never closes it: the process would spin at its end instead of exiting.
 */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
