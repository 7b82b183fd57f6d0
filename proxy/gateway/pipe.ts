// Joins a client's inner stream with its server's (transparency.md §4): a pipe
// of bytes with the observer at it, back pressure in both directions, small
// parts put together, ends passed on as they came.

import { asSimppError, SimppError } from '../../shared/errors.ts';
import type { StreamPart } from '../../shared/xml/scanner.ts';
import { readStartTag } from '../../shared/xml/tag.ts';
import { lastWords } from '../client/last-words.ts';
import type { Leg } from '../leg.ts';
import { BackPressure, type Side } from './back-pressure.ts';
import { observe } from './observe.ts';
import { initialObserver, type Effect, type IdentifiedBy, type ObserverRules } from './observer-state.ts';

/** Who the server says a client is. */
export interface Identified {
  readonly by: IdentifiedBy;
  /** Bare; undefined when a resumed stream does not tell. */
  readonly jid: string | undefined;
  readonly anonymous: boolean;
}

/** What a pipe needs of whoever made it. */
export interface PipeHost {
  readonly rules: ObserverRules;
  /** A fresh stream id, for a stream that the pipe itself must answer. */
  streamId(): string;
  /** Checks the JID; the server's answer reaches the client when this resolves. Rejects with SimppError to end the stream. */
  identified(identity: Identified): Promise<void>;
  loginFailed(account: string | undefined): void;
  /** A login has succeeded, or has told nothing about a password. */
  loginCleared(): void;
  removed(jid: string): void;
  /** Tells the client why its stream ends; false leaves that to a stream error. */
  farewell(error: SimppError): boolean;
}

/** Limits in time, in milliseconds. */
export interface PipeTiming {
  /** From the beginning until the JID is known. */
  readonly loginMs: number;
  /** The same, from when an account is being registered (XEP-0077). */
  readonly registrationMs: number;
  /** From the first end until everything is closed. */
  readonly closeMs: number;
}

/** A joined pair of streams. */
export class Pipe {
  readonly #legs: Readonly<Record<Side, Leg>>;
  readonly #host: PipeHost;
  readonly #timing: PipeTiming;
  readonly #closed = Promise.withResolvers<void>();
  readonly #output: BackPressure;
  #observer = initialObserver;
  /** The headers of the present streams, by who received them; as bytes, since they are read at the end at most. */
  readonly #headers: { client?: Uint8Array; server?: Uint8Array } = {};
  #timer: NodeJS.Timeout | undefined;
  #isHeld = false;
  #isExtended = false;
  #isIdentifying = false;
  #isEnding = false;
  #openStreams = 2;
  /** Whether the client has said anything: before its first record nothing is sent to it (docs/protocol.md §4). */
  #hasHeard = false;

  constructor(client: Leg, server: Leg, host: PipeHost, timing: PipeTiming) {
    this.#legs = { client, server };
    this.#output = new BackPressure(this.#legs, (side) => this.#resume(side));
    this.#host = host;
    this.#timing = timing;
  }

  /**
   * Joins the streams, a part of the client's first that was read already; with `answer`, the server has got that part
   * and has said this to it. Resolves when both connections are closed.
   */
  run(first?: StreamPart, answer?: readonly StreamPart[]): Promise<void> {
    this.#limitLogin(this.#timing.loginMs);
    for (const side of ['client', 'server'] as const) {
      const { stream } = this.#legs[side];
      if (stream.destroyed) this.#streamClosed();
      else stream.once('close', () => this.#streamClosed());
    }
    if (first !== undefined) this.#take('client', first, answer !== undefined);
    for (const part of answer ?? []) this.#take('server', part);
    for (const side of ['client', 'server'] as const) {
      if (this.#isEnding) break;
      this.#legs[side].flow({
        onPart: (part) => this.#take(side, part),
        onEnd: (error) => this.#ended(side, error),
      });
    }
    return this.#closed.promise;
  }

  /** Ends both streams because of an error, which the client is told. */
  fail(error: SimppError): void {
    if (this.#isEnding) return;
    this.#endAll();
    if (this.#hasHeard) {
      this.#output.flush('client');
      const isTold = this.#host.farewell(error);
      this.#endClient(isTold ? undefined : this.#failureBytes(error));
    } else {
      this.#endClient();
    }
    // The server must not keep a session alive that nobody will resume.
    const header = this.#headers.server;
    this.#legs.server.end(header === undefined ? undefined : `</${readStartTag(header).name}>`);
  }

  /** Ends both connections, but not the streams in them, so that the server keeps what can be resumed. */
  drop(error: SimppError): void {
    if (this.#isEnding) return;
    this.#endAll();
    if (this.#hasHeard) {
      this.#output.flush('client');
      this.#host.farewell(error);
    }
    this.#endClient();
    this.#legs.server.end();
  }

  #take(side: Side, part: StreamPart, isSent = false): void {
    if (side === 'client') this.#hasHeard = true;
    if (this.#isEnding) return;
    try {
      const { state, effects } = observe(this.#host.rules, this.#observer, side, part);
      this.#observer = state;
      if (part.kind === 'header') this.#headers[other(side)] = part.bytes;
      if (!isSent) this.#apply(side, effects);
    } catch (error) {
      this.fail(this.#blame(side, asSimppError(error)));
    }
  }

  #apply(side: Side, effects: readonly Effect[]): void {
    for (const [at, effect] of effects.entries()) {
      switch (effect.kind) {
        case 'forward':
          this.#output.write(other(side), effect.bytes, side);
          break;
        case 'answer':
          this.#output.write(side, effect.bytes, side);
          break;
        case 'hold':
          this.#isHeld = true;
          this.#legs.client.pause();
          break;
        case 'release':
          this.#isHeld = false;
          this.#resume('client');
          break;
        case 'restart':
          delete this.#headers.client;
          delete this.#headers.server;
          this.#legs.client.restart();
          this.#legs.server.restart();
          break;
        case 'login-failed':
          this.#host.loginFailed(effect.account);
          break;
        case 'login-cleared':
          this.#host.loginCleared();
          break;
        case 'extend':
          if (!this.#isExtended) this.#limitLogin(this.#timing.registrationMs);
          this.#isExtended = true;
          break;
        case 'removed':
          this.#host.removed(effect.jid);
          break;
        case 'identified':
          void this.#identify(effect, effects.slice(at + 1));
          return;
      }
    }
  }

  /** The server waits while the JID is checked; then its answer goes on, and what follows from it. */
  async #identify(effect: Extract<Effect, { kind: 'identified' }>, rest: readonly Effect[]): Promise<void> {
    clearTimeout(this.#timer);
    this.#isIdentifying = true;
    this.#legs.server.pause();
    try {
      await this.#host.identified(effect);
      if (this.#isEnding) return;
      this.#output.write('client', effect.bytes, 'server');
      this.#apply('server', rest);
      this.#isIdentifying = false;
      this.#resume('server');
    } catch (error) {
      this.fail(asSimppError(error));
    }
  }

  #resume(side: Side): void {
    if (this.#output.holds(side)) return;
    if (side === 'client' ? this.#isHeld : this.#isIdentifying) return;
    this.#legs[side].resume();
  }

  #ended(side: Side, error: SimppError | undefined): void {
    const { server } = this.#legs;
    if (error !== undefined && !this.#legs[side].stream.destroyed) {
      this.fail(this.#blame(side, error));
      return;
    }
    if (side === 'client' && error !== undefined) {
      // Cut, not closed: so is the server, which keeps what can be resumed.
      this.#endAll();
      this.#endClient();
      server.destroy();
    } else if (side === 'server' && error !== undefined) {
      this.fail(this.#blame(side, error));
    } else {
      // One direction has ended in order; the other may still have something to say.
      this.#limitClosing();
      if (side === 'client') server.end();
      else this.#endClient();
    }
  }

  /** What a client is told: the server's mistakes are not its own. */
  #blame(side: Side, error: SimppError): SimppError {
    if (side === 'client' || error.fault !== 'peer') return error;
    return new SimppError('server-unreachable', 'The XMPP server sent something that cannot be read.', {
      cause: error,
    });
  }

  #failureBytes(error: SimppError): Uint8Array {
    const received = this.#headers.client;
    if (received !== undefined) return lastWords(error, { kind: 'by-server', tag: readStartTag(received) });
    const header = { from: this.#host.rules.domain, id: this.#host.streamId(), version: '1.0' };
    return lastWords(error, { kind: 'not-yet', header });
  }

  #endClient(bytes?: Uint8Array): void {
    if (this.#hasHeard) this.#legs.client.end(bytes);
    else this.#legs.client.destroy();
  }

  /** Nothing more passes; what still comes is read and dropped, so that ends are noticed. */
  #endAll(): void {
    this.#isEnding = true;
    this.#limitClosing();
    for (const leg of Object.values(this.#legs)) {
      leg.release();
      leg.stream.on('error', () => undefined).resume();
    }
  }

  #limitLogin(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.fail(new SimppError('too-slow')), ms);
  }

  #limitClosing(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#legs.client.destroy();
      this.#legs.server.destroy();
    }, this.#timing.closeMs);
  }

  #streamClosed(): void {
    if (--this.#openStreams > 0) return;
    clearTimeout(this.#timer);
    this.#closed.resolve();
  }
}

function other(side: Side): Side {
  return side === 'client' ? 'server' : 'client';
}
