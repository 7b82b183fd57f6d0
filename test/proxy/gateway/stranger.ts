// Whoever connects to a gateway: raw bytes in and out, read until something is
// there, never for a time.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export const header = (to?: string): string =>
  `<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'` +
  `${to === undefined ? '' : ` to='${to}'`} version='1.0'>`;

export class Stranger {
  readonly stream: Duplex;
  #received = '';
  #isOver = false;
  #wake = Promise.withResolvers<void>();

  constructor(stream: Duplex) {
    this.stream = stream;
    const stir = (): void => {
      this.#wake.resolve();
      this.#wake = Promise.withResolvers();
    };
    stream.on('data', (chunk: Buffer) => {
      this.#received += chunk.toString('latin1');
      stir();
    });
    for (const event of ['end', 'close', 'error']) {
      stream.on(event, () => {
        this.#isOver = true;
        stir();
      });
    }
  }

  static async connect(port: number): Promise<Stranger> {
    const socket: Socket = connect({ port, host: '127.0.0.1' });
    await once(socket, 'connect');
    return new Stranger(socket);
  }

  send(text: string | Uint8Array): void {
    this.stream.write(text);
  }

  /** What has come, once it contains this; it is then taken. Fails at the end of the connection. */
  async hear(text: string): Promise<string> {
    for (;;) {
      const at = this.#received.indexOf(text);
      if (at >= 0) {
        const heard = this.#received.slice(0, at + text.length);
        this.#received = this.#received.slice(at + text.length);
        return heard;
      }
      if (this.#isOver) throw new Error(`the connection ended before ${text}; it said: ${this.#received}`);
      await this.#wake.promise;
    }
  }

  /** Everything until the connection ends. */
  async rest(): Promise<string> {
    while (!this.#isOver) await this.#wake.promise;
    return this.#received;
  }

  /** Whether the connection has ended. */
  get isOver(): boolean {
    return this.#isOver;
  }
}
