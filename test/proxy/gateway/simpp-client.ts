// A scripted client of a gateway, on the client half of the protocol core: it
// goes through outer stream and handshake, and then speaks XMPP in the channel.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { fromBase64, toBase64 } from '../../../shared/bytes.ts';
import { Channel } from '../../../shared/simpp/channel.ts';
import { startClient, type Hello } from '../../../shared/simpp/client.ts';
import { enrol, type Control } from '../../../shared/simpp/control.ts';
import { systemEntropy } from '../../../shared/simpp/entropy.ts';
import type { ClientStep, Session } from '../../../shared/simpp/handshake.ts';
import { classic, simpp2, type ProfileName } from '../../../shared/simpp/profile.ts';
import type { Bindings } from '../../../shared/xml/tag.ts';
import { serverLimits } from '../../../shared/xml/scanner.ts';
import { textOf } from '../../../shared/xml/children.ts';
import { readFeatures } from '../../../shared/xmpp/features.ts';
import { readHeader } from '../../../shared/xmpp/stream-header.ts';
import { ChannelSocket } from '../../../proxy/channel-socket.ts';
import type { GatewayKey } from '../../../proxy/gateway/key-file.ts';
import { Leg } from '../../../proxy/leg.ts';
import { crypto, domain } from './world.ts';
import { header, Stranger } from './stranger.ts';

/** How a client's bytes get onto the wire. */
export type Writer = (socket: Socket, bytes: string) => void;

export const atOnce: Writer = (socket, bytes) => void socket.write(bytes);
export const byteByByte: Writer = (socket, bytes) => {
  socket.setNoDelay(true);
  for (const byte of Buffer.from(bytes)) socket.write(Uint8Array.of(byte));
};

/** The outer stream of a client, up to the gateway's offer. */
export class OuterClient {
  readonly socket: Socket;
  readonly leg: Leg;
  readonly offer: Uint8Array;
  readonly scope: Bindings;
  readonly profile: ProfileName;
  readonly #write: Writer;

  private constructor(parts: Pick<OuterClient, 'socket' | 'leg' | 'offer' | 'scope' | 'profile'>, write: Writer) {
    this.socket = parts.socket;
    this.leg = parts.leg;
    this.offer = parts.offer;
    this.scope = parts.scope;
    this.profile = parts.profile;
    this.#write = write;
  }

  static async open(port: number, profile: ProfileName = 'simpp-2', write = atOnce): Promise<OuterClient> {
    const socket = connect({ port, host: '127.0.0.1' });
    await once(socket, 'connect');
    const leg = new Leg(socket, serverLimits);
    write(socket, header(domain));
    const first = await leg.read();
    const { bindings } = readHeader(first!.bytes);
    const features = await leg.read();
    const { simpp } = readFeatures(features!.bytes, bindings);
    const { namespace } = profile === 'classic' ? classic : simpp2;
    const found = simpp.find((each) => each.namespace === namespace);
    return new OuterClient({ socket, leg, offer: found!.offer, scope: bindings, profile }, write);
  }

  get #names(): { readonly namespace: string; readonly suite: string } {
    return this.profile === 'classic' ? classic : simpp2;
  }

  /** One `<handshake/>`. */
  element(message: Uint8Array, isFirst: boolean): string {
    const { namespace, suite } = this.#names;
    const chosen = isFirst ? ` suite='${suite}'` : '';
    return `<handshake xmlns='${namespace}'${chosen}>${toBase64(message)}</handshake>`;
  }

  send(text: string): void {
    this.#write(this.socket, text);
  }

  /** The message of the next element, or what else came as text. */
  async answer(): Promise<Uint8Array | string> {
    const part = await this.leg.read();
    const text = Buffer.from(part?.bytes ?? []).toString();
    return text.startsWith('<handshake') ? fromBase64(textOf(part!.bytes)) : text;
  }

  /** Everything until the gateway closes. */
  async rest(): Promise<string> {
    const all: string[] = [];
    for (let part = await this.leg.read(); part !== undefined; part = await this.leg.read()) {
      all.push(Buffer.from(part.bytes).toString());
    }
    return all.join('');
  }

  /** Runs a whole handshake; throws what the gateway said instead of going on. */
  async run(first: ClientStep): Promise<Session> {
    let step = first;
    let isFirst = true;
    for (;;) {
      for (const message of step.messages) {
        this.send(this.element(message, isFirst));
        isFirst = false;
      }
      if (step.kind === 'established') break;
      const reply = await this.answer();
      if (typeof reply === 'string') throw new Error(reply);
      step = step.next(reply);
    }
    const reply = await this.answer();
    if (typeof reply !== 'string' || !reply.startsWith('<proceed')) throw new Error(String(reply));
    return step.session;
  }

  start(key: GatewayKey, hello: Hello): ClientStep {
    if (key.profile !== 'simpp-2') throw new Error('the gateway is classic');
    const parts = { crypto, entropy: systemEntropy(crypto), kuS: key.agreement.publicKey };
    return startClient({ ...parts, domain, offer: this.offer, binding: new Uint8Array(0) }, hello);
  }

  channel(session: Session): ChannelSocket {
    this.leg.release();
    return new ChannelSocket(this.socket, new Channel(session, 'client'));
  }
}

type ValuesOf<N extends Control['name']> = Extract<Control, { readonly name: N }>['values'];

/** A client in an established channel. */
export class SimppClient extends Stranger {
  readonly socket: ChannelSocket;
  readonly controls: Control[] = [];
  #onControl: ((control: Control) => void) | undefined;

  constructor(socket: ChannelSocket) {
    super(socket);
    this.socket = socket;
    socket.onControl((control) => {
      this.controls.push(control);
      this.#onControl?.(control);
    });
  }

  static async open(port: number, key: GatewayKey, hello: Hello, write = atOnce): Promise<SimppClient> {
    const outer = await OuterClient.open(port, 'simpp-2', write);
    return new SimppClient(outer.channel(await outer.run(outer.start(key, hello))));
  }

  /** The values of the last control message of this name. */
  control<N extends Control['name']>(name: N): ValuesOf<N> | undefined {
    const found = this.controls.findLast((control) => control.name === name);
    return found?.values as ValuesOf<N> | undefined; // the name says which
  }

  /** Runs an enrolment inside the channel; true when an Identity ended it. */
  enrol(key: GatewayKey, hello: Hello, change: (m3: Uint8Array) => Uint8Array = (m3) => m3): Promise<boolean> {
    if (key.profile !== 'simpp-2') throw new Error('the gateway is classic');
    const { channel } = this.socket;
    const parts = { crypto, entropy: systemEntropy(crypto), kuS: key.agreement.publicKey };
    let step = startClient({ ...parts, domain, offer: new Uint8Array(0), binding: channel.binding }, hello);
    const say = (handshake: Uint8Array): void => this.socket.sendControl(enrol.encode({ handshake }));
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.socket.once('close', () => resolve(false));
    this.#onControl = (control) => {
      if (control.name === 'EnrolRefused') resolve(false);
      if (control.name === 'Identity' && step.kind === 'established') {
        channel.mixReceiving(step.session.kAS);
        resolve(true);
      }
      if (control.name !== 'Enrol' || step.kind !== 'send') return;
      step = step.next(control.values.handshake);
      if (step.kind !== 'established') return;
      say(change(step.messages[0]!));
      channel.mixSending(step.session.kAS);
    };
    say(step.messages[0]!);
    return promise;
  }
}

/** Logs in by SASL PLAIN up to the bind request; what the server then says is the caller's to hear. */
export async function authenticate(client: Stranger, user: string, password: string): Promise<void> {
  client.send(header(domain));
  await client.hear('</stream:features>');
  const plain = Buffer.from(`\0${user}\0${password}`).toString('base64');
  client.send(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${plain}</auth>`);
  await client.hear("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
  client.send(header(domain));
  await client.hear('</stream:features>');
  client.send("<iq type='set' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
}

/** Logs in and hears the bind result; gives it. */
export async function login(client: Stranger, user: string, password: string): Promise<string> {
  await authenticate(client, user, password);
  return client.hear('</jid></bind></iq>');
}

/** A round trip to the server, after a login. */
export async function ping(client: Stranger, id: string): Promise<void> {
  client.send(`<iq type='get' id='${id}' to='${domain}'><ping xmlns='urn:xmpp:ping'/></iq>`);
  await client.hear(`id='${id}'`);
}
