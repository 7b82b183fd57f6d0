// A client of bytes: it says exactly what the test wants and keeps all that it
// hears, for attacks, for broken input and for looking at certificates.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';

import { eventually } from './eventually.ts';

interface Place {
  readonly host: string;
  readonly port: number;
}

export class RawClient implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #chunks: Buffer[] = [];
  #isClosed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#chunks.push(chunk));
    // A reset is an answer too: the test looks at what was heard and that it is over.
    socket.on('error', () => undefined);
    socket.on('close', () => (this.#isClosed = true));
  }

  static async connect({ host, port }: Place): Promise<RawClient> {
    const socket = connect({ host, port });
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** TLS from the first byte. */
  static async connectTls({ host, port }: Place, options: ConnectionOptions): Promise<RawClient> {
    return new RawClient(await secured({ ...options, host, port }));
  }

  /** STARTTLS as far as `<proceed/>`, then TLS: a client whose stream begins anew. */
  static async connectStarttls(place: Place, to: string, options: ConnectionOptions): Promise<RawClient> {
    const plain = await RawClient.connect(place);
    plain.write(header(to));
    await plain.hear('</stream:features>');
    plain.write(`<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`);
    await plain.hear('<proceed');
    plain.#socket.removeAllListeners('data');
    return new RawClient(await secured({ ...options, socket: plain.#socket }));
  }

  /** Everything heard so far. */
  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  get text(): string {
    return this.bytes.toString('utf8');
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The certificate of the server, by its fingerprint; only over TLS. */
  get serverFingerprint(): string {
    // as: the caller made it with TLS.
    return (this.#socket as TLSSocket).getPeerX509Certificate()?.fingerprint256 ?? 'none';
  }

  /** Hears what comes from now on, as it comes. */
  onChunk(listener: (chunk: Buffer) => void): void {
    this.#socket.on('data', listener);
  }

  write(bytes: Uint8Array | string): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  /** Stops reading, as a client that hangs. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Ends our direction and listens on. */
  end(): void {
    this.#socket.end();
  }

  /** Waits until this was heard, by now or later. */
  async hear(wanted: string | RegExp, timeoutMs?: number): Promise<string> {
    const heard = (): string | undefined => {
      const { text } = this;
      const fits = typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text);
      return fits ? text : undefined;
    };
    const what = `${String(wanted)} from the other side`;
    return await eventually(what, () => heard() ?? (this.#isClosed ? this.#fail(what) : undefined), timeoutMs);
  }

  /** Waits until the other side has closed the connection; all that it ever said. */
  async untilClosed(timeoutMs?: number): Promise<string> {
    await eventually('the end of the connection', () => this.#isClosed, timeoutMs);
    return this.text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    if (!this.#isClosed) await once(this.#socket, 'close');
  }

  #fail(what: string): never {
    throw new Error(`${what} never came; the connection ended after ${JSON.stringify(this.text)}`);
  }
}

/** A stream header as any client sends it. */
export function header(to: string): string {
  return (
    `<?xml version='1.0'?><stream:stream to='${to}' version='1.0' xml:lang='en' xmlns='jabber:client' ` +
    `xmlns:stream='http://etherx.jabber.org/streams'>`
  );
}

async function secured(options: ConnectionOptions): Promise<TLSSocket> {
  const socket = connectTls(options);
  await once(socket, 'secureConnect');
  return socket;
}
