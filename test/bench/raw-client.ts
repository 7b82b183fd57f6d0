// An XMPP client that does the least: it logs in, sends text, waits for text.
// Whatever a round trip takes beyond it is the path's and the server's.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import { advanceClient, finishClient, startClient } from '../../proxy/sasl/client.ts';
import type { ScramKeys } from '../../proxy/sasl/scram-keys.ts';
import { fromBase64, toBase64 } from '../../shared/bytes.ts';

export interface Login {
  readonly host: string;
  readonly port: number;
  readonly domain: string;
  readonly name: string;
  readonly password: string;
  /** Of an earlier login at the same place: they spare PBKDF2, as in clients that keep them. */
  readonly keys?: ScramKeys | undefined;
}

const saslNs = 'urn:ietf:params:xml:ns:xmpp-sasl';
const mechanism = 'SCRAM-SHA-1';

/** A plaintext connection that is logged in. */
export class RawClient {
  /** The full JID that the server gave. */
  jid = '';
  keys: ScramKeys | undefined;
  readonly #socket: Socket;
  #text = '';
  #closed: Error | undefined;
  #wake: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket.setEncoding('utf8').setNoDelay(true);
    socket.on('data', (text: string) => {
      this.#text += text;
      this.#wake?.();
    });
    socket.on('error', (error) => this.#end(error));
    socket.on('close', () => this.#end(new Error('the connection was closed')));
  }

  /** Connects, logs in and binds a resource; no roster, no presence. */
  static async logIn(login: Login): Promise<RawClient> {
    const socket = connect({ host: login.host, port: login.port });
    const client = new RawClient(socket);
    await once(socket, 'connect');
    await client.#openStream(login.domain);
    await client.#authenticate(login);
    await client.#openStream(login.domain);
    client.write("<iq id='bind' type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
    client.jid = between(await client.until('</iq>'), '<jid>', '</jid>');
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
      if (this.#closed !== undefined || this.#text.includes('</failure>')) {
        throw new Error(`waited for ${end}, got ${this.#text.slice(-500)}`, { cause: this.#closed });
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Sends a message and waits for the next one; `id` must come back with it. */
  async roundTrip(to: string, id: string): Promise<void> {
    this.write(message(to, id));
    const answer = await this.until('</message>');
    if (!answer.includes(id)) throw new Error(`not the answer to ${id}: ${answer}`);
  }

  /** Sends every message back to whom it came from, until the connection ends. */
  async echo(): Promise<void> {
    for (;;) {
      const heard = await this.until('</message>');
      this.write(message(attribute(heard, 'from'), attribute(heard, 'id')));
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  async #openStream(domain: string): Promise<void> {
    const namespaces = "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'";
    this.write(`<?xml version='1.0'?><stream:stream to='${domain}' version='1.0' ${namespaces}>`);
    await this.until('</stream:features>');
  }

  async #authenticate({ name, password, keys }: Login): Promise<void> {
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

/** A message as long as people's usual ones, which servers do not archive (XEP-0334 §4). */
function message(to: string, id: string): string {
  const body = 'the heron stands in the reeds and waits for the fish that knows it';
  return `<message to='${to}' type='chat' id='${id}'><body>${body}</body><no-store xmlns='urn:xmpp:hints'/></message>`;
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
