// An XMPP client that does the least: it logs in, sends text, waits for text.
// Whatever a message takes beyond it is the path's and the server's.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

import { advanceClient, finishClient, startClient } from '../../proxy/sasl/client.ts';
import type { ScramKeys } from '../../proxy/sasl/scram-keys.ts';
import { fromBase64, toBase64 } from '../../shared/bytes.ts';
import { messageEnd, message } from './message.ts';

export interface Login {
  readonly host: string;
  readonly port: number;
  readonly domain: string;
  readonly name: string;
  readonly password: string;
  /** PEM of a CA: then STARTTLS comes first. */
  readonly ca?: string;
  /** Stream management (XEP-0198): each request is answered. */
  readonly manages?: boolean;
}

const saslNs = 'urn:ietf:params:xml:ns:xmpp-sasl';
const tlsNs = 'urn:ietf:params:xml:ns:xmpp-tls';
const smNs = 'urn:xmpp:sm:3';
const mechanism = 'SCRAM-SHA-1';

/** A connection that is logged in; plaintext, unless its login has a CA. */
export class RawClient {
  /** The full JID that the server gave. */
  jid = '';
  keys: ScramKeys | undefined;
  #socket: Socket;
  #text = '';
  /** Messages that came since stream management began. */
  #handled = 0;
  #closed: Error | undefined;
  #wake: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen();
  }

  /** Connects, logs in and binds a resource; no roster, no presence. Keys of an earlier login spare PBKDF2. */
  static async logIn(login: Login, keys?: ScramKeys): Promise<RawClient> {
    const socket = connect({ host: login.host, port: login.port, noDelay: true });
    const client = new RawClient(socket);
    await once(socket, 'connect');
    await client.#openStream(login.domain);
    if (login.ca !== undefined) await client.#startTls(login.domain, login.ca);
    await client.#authenticate(login, keys);
    await client.#openStream(login.domain);
    client.write("<iq id='bind' type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
    client.jid = between(await client.until('</iq>'), '<jid>', '</jid>');
    if (login.manages) await client.#manageStream();
    return client;
  }

  write(text: string): void {
    this.#socket.write(text);
  }

  /** What comes up to this text and with it. */
  async until(end: string): Promise<string> {
    for (;;) {
      const at = this.#text.indexOf(end);
      if (at >= 0) {
        const text = this.#text.slice(0, at + end.length);
        this.#text = this.#text.slice(at + end.length);
        return text;
      }
      await this.#more(end);
    }
  }

  /** Sends a message and waits for the next one; `id` must come back with it. */
  async roundTrip(to: string, id: string): Promise<void> {
    this.write(message(to, id));
    const answer = await this.until(messageEnd);
    if (!answer.includes(id)) throw new Error(`not the answer to ${id}: ${answer}`);
  }

  /** Takes so many messages; the last of them must have this id. */
  async takeAll(count: number, lastId: string): Promise<void> {
    for (let missing = count; ;) {
      let behind = 0;
      for (let at; missing > 0 && (at = this.#text.indexOf(messageEnd, behind)) >= 0; missing--) {
        behind = at + messageEnd.length;
      }
      const taken = this.#text.slice(0, behind);
      this.#text = this.#text.slice(behind);
      if (missing === 0) {
        if (taken.includes(lastId)) return;
        throw new Error(`the last of ${count} messages is not ${lastId}: ${taken.slice(-500)}`);
      }
      await this.#more(messageEnd);
    }
  }

  /** Sends every message back to whom it came from, until the connection ends. */
  async echo(): Promise<void> {
    for (;;) {
      const heard = await this.until(messageEnd);
      this.write(message(attribute(heard, 'from'), attribute(heard, 'id')));
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  #listen(): void {
    this.#socket.setEncoding('utf8');
    this.#socket.on('data', (text: string) => {
      this.#text += text;
      this.#wake?.();
    });
    this.#socket.on('error', (error) => this.#end(error));
    this.#socket.on('close', () => this.#end(new Error('the connection was closed')));
  }

  async #more(expected: string): Promise<void> {
    if (this.#closed !== undefined || this.#text.includes('</failure>')) {
      throw new Error(`waited for ${expected}, got ${this.#text.slice(-500)}`, { cause: this.#closed });
    }
    await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  async #openStream(domain: string): Promise<void> {
    const namespaces = "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'";
    this.write(`<?xml version='1.0'?><stream:stream to='${domain}' version='1.0' ${namespaces}>`);
    await this.until('</stream:features>');
  }

  async #startTls(domain: string, ca: string): Promise<void> {
    this.write(`<starttls xmlns='${tlsNs}'/>`);
    await this.until(`<proceed xmlns='${tlsNs}'/>`);
    const plain = this.#socket;
    plain.removeAllListeners('data');
    this.#socket = connectTls({ socket: plain, ca, servername: domain, minVersion: 'TLSv1.3' });
    await once(this.#socket, 'secureConnect');
    this.#listen();
    await this.#openStream(domain);
  }

  async #manageStream(): Promise<void> {
    this.write(`<enable xmlns='${smNs}' resume='true'/>`);
    await this.until('/>');
    // The end of a message may come in two pieces.
    let tail = '';
    this.#socket.on('data', (text: string) => {
      const seen = tail + text;
      this.#handled += seen.split(messageEnd).length - 1;
      if (seen.includes('<r xmlns')) this.write(`<a xmlns='${smNs}' h='${this.#handled}'/>`);
      tail = seen.slice(1 - messageEnd.length);
    });
  }

  async #authenticate({ name, password }: Login, keys: ScramKeys | undefined): Promise<void> {
    const nonce = randomBytes(18).toString('base64');
    const start = startClient(mechanism, { authcid: name, password, keys, nonce });
    this.write(`<auth xmlns='${saslNs}' mechanism='${mechanism}'>${toBase64(start.initial)}</auth>`);
    const { state, response } = await advanceClient(start.state, content(await this.until('</challenge>')));
    this.write(`<response xmlns='${saslNs}'>${toBase64(response)}</response>`);
    this.keys = finishClient(state, content(await this.until('</success>'))).keys;
  }

  #end(error: Error): void {
    this.#closed ??= error;
    this.#wake?.();
  }
}

function between(text: string, start: string, end: string): string {
  const from = text.indexOf(start) + start.length;
  return text.slice(from, text.indexOf(end, from));
}

/** An attribute of the last message of a text. */
function attribute(text: string, name: string): string {
  const tag = text.slice(text.lastIndexOf('<message'));
  const value = new RegExp(`^<message[^>]* ${name}=['"]([^'"]*)['"]`).exec(tag)?.[1];
  if (value === undefined) throw new Error(`a message without ${name}: ${tag}`);
  return value;
}

/** The bytes in the last element of a text. */
function content(text: string): Uint8Array {
  const end = text.lastIndexOf('</');
  return fromBase64(text.slice(text.lastIndexOf('>', end - 1) + 1, end));
}
