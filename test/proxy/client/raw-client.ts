// An XMPP client as a script of raw bytes: what is written, and what must come back.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';

const timeoutMs = 8_000;

/** PLAIN's message in base64. */
export function plain(name: string, password: string): string {
  return Buffer.from(`\0${name}\0${password}`).toString('base64');
}

/** `<auth/>` with PLAIN. */
export function plainAuth(name: string, password: string): string {
  return `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${plain(name, password)}</auth>`;
}

/** A client's stream header. */
export function header(to: string | undefined, extra = ''): string {
  const attribute = to === undefined ? '' : ` to='${to}'`;
  return (
    `<?xml version='1.0'?><stream:stream${attribute} version='1.0' xmlns='jabber:client'` +
    ` xmlns:stream='http://etherx.jabber.org/streams'${extra}>`
  );
}

/** A request to bind a resource, with id b1. */
export function bind(resource: string): string {
  return `<iq type='set' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>${resource}</resource></bind></iq>`;
}

export class RawClient implements AsyncDisposable {
  readonly socket: Socket;
  /** Everything that came. */
  received = '';
  /** How the connection ended, once it has. */
  end: 'open' | 'ended' | 'reset' = 'open';
  #at = 0;
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      this.received += chunk;
      this.#wake();
    });
    socket.on('end', () => this.#ended('ended'));
    socket.on('error', () => this.#ended('reset'));
  }

  /** Over TCP, or a Unix socket. */
  static async connect(address: string): Promise<RawClient> {
    const [host, port] = address.split(':');
    const place = host === 'unix' ? { path: port! } : { host: host!, port: Number(port) };
    const socket = connect({ ...place, noDelay: true, allowHalfOpen: true });
    const client = new RawClient(socket);
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return client;
  }

  /** TLS from the first byte; rejects with what this client has against the certificate. */
  static async connectTls(address: string, options: ConnectionOptions): Promise<RawClient> {
    const [host, port] = address.split(':');
    return RawClient.#secured({ ...options, host: host!, port: Number(port) });
  }

  /** TLS on this connection from here on: the client whose stream begins anew. */
  async upgrade(options: ConnectionOptions): Promise<RawClient> {
    this.socket.removeAllListeners('data');
    return RawClient.#secured({ ...options, socket: this.socket });
  }

  static async #secured(options: ConnectionOptions): Promise<RawClient> {
    const socket = connectTls(options);
    await once(socket, 'secureConnect');
    return new RawClient(socket);
  }

  write(text: string | Uint8Array): void {
    this.socket.write(text);
  }

  /** Writes each byte on its own, in packets of their own. */
  async drip(text: string): Promise<void> {
    for (const byte of Buffer.from(text)) {
      this.socket.write(Uint8Array.of(byte));
      await new Promise(setImmediate);
    }
  }

  /** Waits until something that fits has come behind what was waited for before; returns all up to its end. */
  async expect(wanted: string | RegExp): Promise<string> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const fresh = this.received.slice(this.#at);
      const match = typeof wanted === 'string' ? find(fresh, wanted) : wanted.exec(fresh);
      if (match) {
        const end = match.index + match[0].length;
        this.#at += end;
        return fresh.slice(0, end);
      }
      if (this.end !== 'open')
        assert.fail(`the connection ended (${this.end}) before ${String(wanted)}; came: ${fresh}`);
      await this.#more(deadline, () => `${String(wanted)} did not come; came: ${fresh}`);
    }
  }

  /** Waits for the end of the connection; returns everything behind what was waited for. */
  async closed(): Promise<string> {
    const deadline = Date.now() + timeoutMs;
    while (this.end === 'open') await this.#more(deadline, () => `the connection stays open; came: ${this.received}`);
    return this.received.slice(this.#at);
  }

  /** Opens a stream and reads up to the end of the features. */
  async open(to: string | undefined, extra = ''): Promise<string> {
    this.write(header(to, extra));
    return this.expect('</stream:features>');
  }

  /** Header, PLAIN, header, bind: a whole login, step by step. */
  async login(domain: string, name: string, password: string, resource: string): Promise<string> {
    await this.open(domain);
    this.write(plainAuth(name, password));
    await this.expect(/<success[^>]*>/);
    await this.open(domain);
    this.write(bind(resource));
    const result = await this.expect(/<jid>([^<]+)<\/jid>.*?<\/iq>/s);
    return /<jid>([^<]+)<\/jid>/.exec(result)![1]!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.socket.destroyed) return;
    const closed = new Promise((resolve) => this.socket.once('close', resolve));
    this.socket.destroy();
    await closed;
  }

  #ended(how: 'ended' | 'reset'): void {
    if (this.end === 'open') this.end = how;
    this.#wake();
  }

  async #more(deadline: number, complaint: () => string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#wake = () => resolve(true);
    const timer = setTimeout(() => resolve(false), deadline - Date.now());
    const came = await promise;
    clearTimeout(timer);
    if (!came) assert.fail(complaint());
  }
}

function find(text: string, wanted: string): RegExpExecArray | undefined {
  const index = text.indexOf(wanted);
  // as: of a match only these two are used.
  return index < 0 ? undefined : (Object.assign([wanted], { index, input: text }) as unknown as RegExpExecArray);
}
