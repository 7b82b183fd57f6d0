// Questions to the gateway's directory, each with its number, its time and its
// answer (docs/protocol.md §8). They go over the newest live channel of an
// account; a channel that ends takes its questions with it.
import { SimppError } from '../../shared/errors.ts';
import type { Control } from '../../shared/simpp/control.ts';
import type { ChannelSocket } from '../channel-socket.ts';

/** Fewer than the gateway lets wait in one channel (§8). */
const maxOnTheirWay = 16;
/** Questions that wait for others to be answered; more fail at once. */
const maxWaiting = 256;

/** Takes the messages that answer one question; gives a result once there is one. */
export type ReadAnswer<T> = (control: Control) => T | undefined;

interface Question {
  readonly encode: (request: number) => Uint8Array;
  readonly read: (control: Control) => boolean;
  readonly fail: (error: SimppError) => void;
}

export class GatewayRequests {
  readonly #timeoutMs: number;
  readonly #changed: (jid: string) => void;
  /** The newest last. */
  readonly #channels = new Map<ChannelSocket, { readonly detach: () => void }>();
  readonly #onTheirWay = new Map<number, { readonly question: Question; readonly channel: ChannelSocket }>();
  readonly #waiting = new Set<Question>();
  #request = 0;

  constructor(timeoutMs: number, changed: (jid: string) => void) {
    this.#timeoutMs = timeoutMs;
    this.#changed = changed;
  }

  get isAttached(): boolean {
    return this.#channels.size > 0;
  }

  /** The newest channel, if any: what was published in it is known there. */
  get channel(): ChannelSocket | undefined {
    return [...this.#channels.keys()].at(-1);
  }

  attach(channel: ChannelSocket): void {
    if (this.#channels.has(channel) || channel.destroyed) return;
    const receive = (control: Control): void => this.#receive(channel, control);
    const closed = (): void => this.detach(channel);
    channel.onControl(receive);
    channel.once('close', closed);
    this.#channels.set(channel, {
      detach() {
        channel.off('control', receive);
        channel.off('close', closed);
      },
    });
    this.#send();
  }

  detach(channel: ChannelSocket): void {
    this.#channels.get(channel)?.detach();
    if (!this.#channels.delete(channel)) return;
    for (const [request, { question, channel: via }] of this.#onTheirWay) {
      if (via !== channel) continue;
      this.#onTheirWay.delete(request);
      question.fail(new SimppError('server-unreachable', 'The connection to the gateway was lost.'));
    }
    if (this.isAttached) this.#send();
    else this.#failWaiting();
  }

  /** Asks; rejects with SimppError when there is no channel, or no answer in time. */
  ask<T>(encode: (request: number) => Uint8Array, read: ReadAnswer<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    if (!this.isAttached) return Promise.reject(notConnected());
    if (this.#waiting.size >= maxWaiting) {
      return Promise.reject(new SimppError('rate-limited', 'Too many questions wait for the gateway.'));
    }
    const question: Question = {
      encode,
      read(control) {
        const answer = read(control);
        if (answer !== undefined) resolve(answer);
        return answer !== undefined;
      },
      fail: reject,
    };
    const timer = setTimeout(() => {
      this.#forget(question);
      reject(new SimppError('too-slow', 'The gateway did not answer in time.'));
    }, this.#timeoutMs);
    this.#waiting.add(question);
    this.#send();
    return promise.finally(() => clearTimeout(timer));
  }

  #send(): void {
    const { channel } = this;
    if (channel === undefined) return;
    for (const question of this.#waiting) {
      if (this.#onTheirWay.size >= maxOnTheirWay) break;
      this.#waiting.delete(question);
      const request = ++this.#request;
      this.#onTheirWay.set(request, { question, channel });
      channel.sendControl(question.encode(request));
    }
  }

  #receive(channel: ChannelSocket, { name, values }: Control): void {
    if (name === 'Changed') {
      this.#changed(values.jid);
    } else if (name === 'Published' || name === 'Entry' || name === 'EntryDevice' || name === 'classic C1 answer') {
      const sent = this.#onTheirWay.get(values.request);
      // One that came too late, or was never asked for.
      if (sent?.channel !== channel) return;
      // as: the name and the values were taken apart above.
      if (!sent.question.read({ name, values } as Control)) return;
      this.#onTheirWay.delete(values.request);
      this.#send();
    }
  }

  #forget(question: Question): void {
    this.#waiting.delete(question);
    for (const [request, sent] of this.#onTheirWay) {
      if (sent.question === question) this.#onTheirWay.delete(request);
    }
    this.#send();
  }

  #failWaiting(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const question of waiting) question.fail(notConnected());
  }
}

function notConnected(): SimppError {
  return new SimppError('server-unreachable', 'There is no connection to the gateway.');
}
