// The client's end of a session: its leg, how long it may still take, and what
// it has been answered so far, on which depends how an error is said to it.
import { concat, utf8 } from '../../shared/bytes.ts';
import { SimppError } from '../../shared/errors.ts';
import type { ScannerLimits, StreamPart } from '../../shared/xml/scanner.ts';
import type { StartTag } from '../../shared/xml/tag.ts';
import {
  readHeader,
  streamFooter,
  writeHeader,
  type ReceivedHeader,
  type StreamHeader,
} from '../../shared/xmpp/stream-header.ts';
import { Leg } from '../leg.ts';
import type { Mechanism } from '../sasl/mechanisms.ts';
import type { Duplex } from 'node:stream';
import { lastWords, type Answered } from './last-words.ts';
import { loginFeatures } from './offer.ts';
import { Patience } from './patience.ts';
import { handshakeDone, takeTls, type ContextFor } from './security.ts';

/** A stream header as it came, and what it says. */
export interface Opening {
  readonly part: StreamPart;
  readonly header: ReceivedHeader;
}

export class ClientStream {
  readonly patience = new Patience();
  readonly #limits: ScannerLimits;
  readonly #newId: () => string;
  #leg: Leg;
  #answered: Answered;

  constructor(stream: Duplex, limits: ScannerLimits, newId: () => string) {
    this.#limits = limits;
    this.#leg = new Leg(stream, limits);
    this.#newId = newId;
    this.#answered = this.#unanswered({ version: '1.0' }, undefined);
  }

  get leg(): Leg {
    return this.#leg;
  }

  /** From here on TLS, and a stream that begins anew; `proceed` is said before it in clear. Throws SimppError. */
  async beginTls(contextFor: ContextFor, how: 'starttls' | 'tls', proceed: Uint8Array | undefined): Promise<void> {
    const { stream } = this.leg;
    this.leg.release();
    // What came ahead of the handshake is thrown away unread; with TLS from the first byte it is the handshake.
    if (proceed !== undefined) {
      while (stream.read() !== null);
      stream.write(proceed);
    }
    const secured = takeTls(stream, contextFor, how);
    this.#leg = new Leg(secured, this.#limits);
    this.#answered = this.#unanswered({ version: '1.0' }, undefined);
    await this.patience.wait(handshakeDone(secured));
  }

  /** The next part, once the client has taken what it was sent; undefined when the client has gone. */
  async read(): Promise<StreamPart | undefined> {
    if (this.leg.stream.writableNeedDrain) await this.patience.wait(this.#drained());
    return this.patience.wait(this.leg.read());
  }

  /** The next stream header; undefined when the client left instead. */
  async open(timeoutMs: number): Promise<Opening | undefined> {
    this.patience.allow(timeoutMs, () => new SimppError('too-slow', 'No stream header came in time.'));
    for (;;) {
      const part = await this.read();
      if (part === undefined) return undefined;
      if (part.kind !== 'header') continue;
      const header = readHeader(part.bytes);
      this.#answered = this.#unanswered(header, header.to);
      return { part, header };
    }
  }

  /** Answers a header with an offer of our own: from now on its stream is ours. */
  offer(header: StreamHeader, domain: string | undefined, features: Uint8Array): void {
    this.leg.write(concat(writeHeader(this.#answerTo(header, domain)), features));
    this.#answered = { kind: 'by-us' };
  }

  /** Offers a login that ends here. */
  offerLogin(header: StreamHeader, domain: string, mechanisms: readonly Mechanism[]): void {
    this.offer(header, domain, loginFeatures(mechanisms));
  }

  /** Takes over from a relay, in which the client saw this header of the server, if any. */
  answeredByServer(tag: StartTag | undefined): void {
    if (tag !== undefined) this.#answered = { kind: 'by-server', tag };
  }

  /** The login has succeeded: a new header is due. */
  restart(success: Uint8Array): void {
    this.leg.write(success);
    this.leg.restart();
    this.#answered = this.#unanswered({ version: '1.0' }, undefined);
  }

  /** A stream error as the last bytes. */
  lastWords(error: SimppError): Uint8Array {
    return lastWords(error, this.#answered);
  }

  /** The answer to the client's own `</stream:stream>`. */
  footer(): Uint8Array | undefined {
    switch (this.#answered.kind) {
      case 'not-yet':
        return undefined;
      case 'by-us':
        return streamFooter;
      case 'by-server':
        return utf8(`</${this.#answered.tag.name}>`);
    }
  }

  #drained(): Promise<void> {
    const { stream } = this.leg;
    const { promise, resolve } = Promise.withResolvers<void>();
    const done = (): void => {
      stream.off('drain', done).off('close', done);
      resolve();
    };
    stream.on('drain', done).on('close', done);
    return promise;
  }

  #unanswered(header: StreamHeader, domain: string | undefined): Answered {
    return { kind: 'not-yet', header: this.#answerTo(header, domain) };
  }

  /** RFC 6120 §4.7: from is what to was; id is fresh, lang and the presence of version are the client's. */
  #answerTo({ from, lang, version }: StreamHeader, domain: string | undefined): StreamHeader {
    return {
      id: this.#newId(),
      lang: lang ?? 'en',
      ...(domain === undefined ? {} : { from: domain }),
      ...(from === undefined ? {} : { to: from }),
      ...(version === undefined ? {} : { version: '1.0' }),
    };
  }
}
