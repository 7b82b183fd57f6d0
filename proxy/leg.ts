// One XMPP stream over one connection: bytes in, stream parts out, within
// limits. A leg is first read part by part (header, negotiation), then flows
// into a handler (stanzas). Nothing is buffered beyond what the limits allow:
// a leg that nobody reads stops its socket.
import type { Duplex } from 'node:stream';
import { asSimppError, SimppError } from '../shared/errors.ts';
import { StreamScanner, type ScannerLimits, type StreamPart } from '../shared/xml/scanner.ts';
import { gather, inTurn } from './turn.ts';

/** Takes the parts of a flowing leg, in order. */
export interface FlowHandler {
  onPart(part: StreamPart): void;
  /** The connection ended: orderly (no error) or not. Called once. */
  onEnd(error: SimppError | undefined): void;
}

interface Waiting {
  resolve(part: StreamPart | undefined): void;
  reject(error: SimppError): void;
}

type Mode =
  | { readonly kind: 'reading'; readonly waiting: Waiting | undefined }
  | { readonly kind: 'flowing'; readonly handler: FlowHandler }
  | { readonly kind: 'released' };

const nothing = new Uint8Array(0);

/** One end of an XMPP stream. */
export class Leg {
  readonly stream: Duplex;
  readonly #scanner: StreamScanner;
  #mode: Mode = { kind: 'reading', waiting: undefined };
  #paused = false;
  #ended: { readonly error: SimppError | undefined } | undefined;
  readonly #onData = (chunk: Uint8Array): void => {
    this.#scanner.push(chunk);
    inTurn(() => this.#advance());
  };
  readonly #onEnd = (): void => this.#finish(undefined);
  readonly #onError = (error: Error): void => this.#finish(asSimppError(error, 'server-unreachable'));

  constructor(stream: Duplex, limits: ScannerLimits) {
    this.stream = stream;
    this.#scanner = new StreamScanner(limits);
    stream.on('data', this.#onData).on('end', this.#onEnd).on('close', this.#onEnd).on('error', this.#onError);
  }

  /** The next part, or undefined when the connection has ended; rejects with a SimppError. One read at a time. */
  read(): Promise<StreamPart | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#mode.kind !== 'reading' || this.#mode.waiting !== undefined) {
        reject(new SimppError('internal', 'a leg is read twice at once'));
        return;
      }
      this.#mode = { kind: 'reading', waiting: { resolve, reject } };
      this.#advance();
    });
  }

  /** From now on parts go to the handler as they come. */
  flow(handler: FlowHandler): void {
    this.#mode = { kind: 'flowing', handler };
    this.#advance();
  }

  /** Back from flowing to reading part by part: what the handler has not got is read next. */
  stopFlow(): void {
    if (this.#mode.kind === 'flowing') this.#mode = { kind: 'reading', waiting: undefined };
    this.#paused = false;
  }

  /** Sends bytes; false means that the other side is slow: wait for onDrain before more. */
  write(bytes: Uint8Array | string): boolean {
    if (!this.stream.writable) return true;
    gather(this.stream);
    return this.stream.write(bytes);
  }

  /** Calls back once when what was written has left. */
  onDrain(callback: () => void): void {
    this.stream.once('drain', callback);
  }

  /** Whether all that was written has been taken by the system; if not, calls back when it has. */
  flush(callback: () => void): boolean {
    const { stream } = this;
    if (!stream.writable) return false;
    // What the turn has gathered leaves now.
    while (stream.writableCorked > 0) stream.uncork();
    if (stream.writableLength === 0) return true;
    stream.write(nothing, (error) => {
      if (!error) callback();
    });
    return false;
  }

  /** A flowing leg delivers nothing until resume(); its socket stops reading. */
  pause(): void {
    this.#paused = true;
    this.stream.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#advance();
  }

  /** The next part must be a stream header again (RFC 6120 §4.3.3). */
  restart(): void {
    this.#scanner.restart();
  }

  /** Bytes received that are not yet part of anything read. */
  get bufferedBytes(): number {
    return this.#scanner.bufferedBytes;
  }

  /** Takes the connection away from this leg: the stream, paused, and the bytes not yet read. */
  release(): Uint8Array {
    this.#mode = { kind: 'released' };
    this.stream.pause();
    this.stream.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onEnd).off('error', this.#onError);
    return this.#scanner.takeBuffered();
  }

  /** Ends the sending side after what was written. */
  end(bytes?: Uint8Array | string): void {
    if (!this.stream.writable) return;
    if (bytes !== undefined) this.stream.write(bytes);
    this.stream.end();
  }

  /** Drops the connection. */
  destroy(): void {
    this.stream.destroy();
  }

  #advance(): void {
    try {
      while (this.#wantsPart()) {
        const part = this.#scanner.next();
        if (part === undefined) {
          if (this.#ended === undefined) this.stream.resume();
          else this.#deliverEnd();
          return;
        }
        this.#deliver(part);
      }
      if (this.#mode.kind !== 'released') this.stream.pause();
    } catch (error) {
      this.#ended = { error: asSimppError(error, 'not-well-formed') };
      this.stream.pause();
      this.#deliverEnd();
    }
  }

  #wantsPart(): boolean {
    if (this.#mode.kind === 'reading') return this.#mode.waiting !== undefined;
    return this.#mode.kind === 'flowing' && !this.#paused;
  }

  #deliver(part: StreamPart): void {
    if (this.#mode.kind === 'flowing') {
      this.#mode.handler.onPart(part);
    } else if (this.#mode.kind === 'reading') {
      const { waiting } = this.#mode;
      this.#mode = { kind: 'reading', waiting: undefined };
      waiting?.resolve(part);
    }
  }

  #finish(error: SimppError | undefined): void {
    if (this.#ended !== undefined) return;
    this.#ended = { error };
    this.#advance();
  }

  #deliverEnd(): void {
    const ended = this.#ended;
    if (ended === undefined) return;
    if (this.#mode.kind === 'flowing') {
      const { handler } = this.#mode;
      this.#mode = { kind: 'released' };
      handler.onEnd(ended.error);
    } else if (this.#mode.kind === 'reading' && this.#mode.waiting !== undefined) {
      const { waiting } = this.#mode;
      this.#mode = { kind: 'reading', waiting: undefined };
      if (ended.error === undefined) waiting.resolve(undefined);
      else waiting.reject(ended.error);
    }
  }
}
