// A SIMPP channel as a Node stream, so that a channel and a TLS socket are
// interchangeable to everything above (docs/protocol.md §7). Both roles use it.
// Control messages are emitted at once, while data waits for its reader.
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { concat } from '../shared/bytes.ts';
import { asSimppError } from '../shared/errors.ts';
import type { Channel } from '../shared/simpp/channel.ts';
import type { Control } from '../shared/simpp/control.ts';
import { inTurn } from './turn.ts';

/**
 * The stream of an established channel. `end()` sends the close record;
 * `destroy()` drops the connection without one. Truncation, forgery and lost
 * connections arrive as 'error' with a SimppError.
 */
export class ChannelSocket extends Duplex {
  readonly channel: Channel;
  readonly #socket: Socket;

  constructor(socket: Socket, channel: Channel) {
    super({ decodeStrings: true, allowHalfOpen: true });
    this.channel = channel;
    this.#socket = socket;
    // Records that came together are one turn: what they give is passed on as one.
    socket.on('data', (chunk: Uint8Array) => inTurn(() => this.#receive(chunk)));
    socket.on('end', () => this.#ended());
    socket.on('error', (error) => this.destroy(asSimppError(error, 'server-unreachable')));
    socket.on('close', () => {
      if (!this.readableEnded || !this.writableFinished) this.destroy();
    });
  }

  /** Adds a listener of control messages; it runs before any later record is opened. */
  onControl(listener: (control: Control) => void): this {
    return this.on('control', listener);
  }

  /** Sends an encoded control message at once; data that waits for room follows it. */
  sendControl(encoded: Uint8Array): void {
    try {
      if (this.#socket.writable) this.#socket.write(this.channel.sealControl(encoded));
    } catch (error) {
      this.destroy(asSimppError(error));
    }
  }

  /** Resolves once the connection has taken what was sent, or is over: what is sent before that waits in memory. */
  async room(): Promise<void> {
    const socket = this.#socket;
    if (!socket.writableNeedDrain || socket.destroyed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    for (const event of ['drain', 'close']) socket.once(event, resolve);
    await promise;
    for (const event of ['drain', 'close']) socket.off(event, resolve);
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#send(chunk, done);
  }

  override _writev(chunks: { chunk: Uint8Array }[], done: (error?: Error | null) => void): void {
    this.#send(concat(...chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    try {
      if (this.#socket.writable) this.#socket.end(this.channel.sealClose());
      done();
    } catch (error) {
      done(asSimppError(error));
    }
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  #send(data: Uint8Array, done: (error?: Error | null) => void): void {
    try {
      if (this.#socket.write(this.channel.sealData(data))) done();
      else this.#socket.once('drain', done);
    } catch (error) {
      // A classic channel has no next key after 2^20 records (docs/protocol.md §10.2).
      done(asSimppError(error));
    }
  }

  #receive(chunk: Uint8Array): void {
    try {
      this.channel.push(chunk);
      for (let event = this.channel.next(); event !== undefined; event = this.channel.next()) {
        switch (event.kind) {
          case 'data':
            if (!this.push(event.bytes)) this.#socket.pause();
            break;
          case 'control':
            this.emit('control', event.control);
            break;
          case 'closed':
            this.push(null);
            break;
        }
        if (this.destroyed) return;
      }
    } catch (error) {
      this.destroy(asSimppError(error, 'record-forged'));
    }
  }

  #ended(): void {
    try {
      this.channel.end();
    } catch (error) {
      this.destroy(asSimppError(error));
    }
  }
}
