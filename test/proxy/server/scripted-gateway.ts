// The other end for tests of the server side: the gateway's own state machines
// on a socket, with a hook through which each thing it says can be changed,
// dropped or followed by something else.

import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { toBase64, toHex } from '../../../shared/bytes.ts';
import type { PrivateKey } from '../../../shared/crypto/provider.ts';
import { Channel } from '../../../shared/simpp/channel.ts';
import { importDevice } from '../../../shared/simpp/device-keys.ts';
import { systemEntropy } from '../../../shared/simpp/entropy.ts';
import { gatewayFingerprint, type GatewayKeys } from '../../../shared/simpp/fingerprint.ts';
import type { Claim, ClassicAccount, GatewayStep, KnownDevice } from '../../../shared/simpp/handshake.ts';
import { classic, simpp2 } from '../../../shared/simpp/profile.ts';
import { serverLimits } from '../../../shared/xml/scanner.ts';
import { readHeader, type ReceivedHeader } from '../../../shared/xmpp/stream-header.ts';
import { ChannelSocket } from '../../../proxy/channel-socket.ts';
import { detectNodeCrypto } from '../../../proxy/crypto/provider.ts';
import { Leg } from '../../../proxy/leg.ts';
import { readHandshakeElement, writeHandshakes } from '../../../proxy/server/handshake-element.ts';

export const crypto = detectNodeCrypto();
export const entropy = systemEntropy(crypto);
export const domain = 'example.test';

export type Stage = 'opening' | 'handshake' | 'proceed';

export type Say = (text: string, stage: Stage, socket: Socket) => string | Uint8Array | undefined;

export interface GatewayScript {
  readonly profile?: 'simpp-2' | 'classic';
  /** What is sent instead at a stage; undefined for nothing at all. */
  readonly say?: Say;
  readonly allowGuests?: boolean;
}

/** A channel as the gateway's side sees it. */
export interface Accepted {
  readonly claim: Claim;
  readonly channel: ChannelSocket;
  readonly header: ReceivedHeader;
}

export class ScriptedGateway implements AsyncDisposable {
  readonly krS: PrivateKey;
  readonly keys: GatewayKeys;
  /** Listed devices, by their agreement key in hex. */
  readonly devices = new Map<string, KnownDevice>();
  readonly accounts = new Map<string, ClassicAccount>();
  /** Everything received in clear, per connection. */
  readonly heard: string[] = [];
  readonly #script: GatewayScript;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #accepted: Accepted[] = [];
  #waiting: ((accepted: Accepted) => void) | undefined;

  private constructor(script: GatewayScript, krS?: PrivateKey) {
    this.#script = script;
    const curve = script.profile === 'classic' ? crypto.p224 : crypto.p256;
    this.krS = krS ?? curve.generate();
    const agreement = this.krS.publicKey.bytes;
    this.keys = { agreement, signing: script.profile === 'classic' ? agreement : curve.generate().publicKey.bytes };
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      this.#serve(socket).catch(() => socket.destroy());
    });
  }

  static async start(script: GatewayScript = {}): Promise<ScriptedGateway> {
    const gateway = new ScriptedGateway(script);
    gateway.#server.listen(0, '127.0.0.1');
    await once(gateway.#server, 'listening');
    return gateway;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port; // as: a TCP server's address
  }

  /** The next channel that was established. */
  accepted(): Promise<Accepted> {
    const waiting = this.#accepted.shift();
    if (waiting !== undefined) return Promise.resolve(waiting);
    return new Promise((resolve) => (this.#waiting = resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #serve(socket: Socket): Promise<void> {
    const at = this.heard.push('') - 1;
    const hear = (chunk: Uint8Array): void => void (this.heard[at] += Buffer.from(chunk).toString('latin1'));
    socket.on('data', hear);
    const leg = new Leg(socket, serverLimits);
    const say = (text: string, stage: Stage): void => {
      const said = this.#script.say === undefined ? text : this.#script.say(text, stage, socket);
      if (said !== undefined) socket.write(said);
    };
    const first = await leg.read();
    if (first?.kind !== 'header') return;
    const header = readHeader(first.bytes);
    const { namespace, suite } = this.#script.profile === 'classic' ? classic : simpp2;
    const fingerprint = toBase64(gatewayFingerprint(crypto, this.keys));
    const offer = `<simpp xmlns='${namespace}'><suite>${suite}</suite><fingerprint>${fingerprint}</fingerprint></simpp>`;
    say(
      `<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' ` +
        `from='${domain}' id='outer' version='1.0'><stream:features>${offer}</stream:features>`,
      'opening',
    );

    let step = this.#begin(new TextEncoder().encode(offer));
    for (;;) {
      switch (step.kind) {
        case 'read': {
          const message = await this.#read(leg, header, namespace);
          if (message === undefined) return;
          step = step.next(message);
          break;
        }
        case 'send': {
          say(writeHandshakes(namespace, [step.message]), 'handshake');
          const message = await this.#read(leg, header, namespace);
          if (message === undefined) return;
          step = step.next(message);
          break;
        }
        case 'find-device':
          step = step.next(this.devices.get(toHex(step.agreementKey)));
          break;
        case 'find-account':
          step = step.next(this.accounts.get(step.idA));
          break;
        case 'store-account':
          this.accounts.set(step.account.idA, step.account);
          step = step.next(true);
          break;
        case 'refused':
          say(`<failure xmlns='${namespace}'/></stream:stream>`, 'handshake');
          socket.end();
          return;
        case 'established': {
          leg.release();
          socket.off('data', hear);
          say(`<proceed xmlns='${namespace}'/>`, 'proceed');
          const channel = new ChannelSocket(socket, new Channel(step.session, 'gateway'));
          channel.on('error', () => {});
          channel.resume();
          this.#deliver({ claim: step.claim, channel, header });
          return;
        }
      }
    }
  }

  #begin(offer: Uint8Array): GatewayStep {
    if (this.#script.profile === 'classic') {
      return classic.startGateway({ crypto, entropy, krS: this.krS, domain });
    }
    return this.begin(offer, new Uint8Array(0));
  }

  /** A simpp-2 handshake as this gateway, also for enrolments. */
  begin(offer: Uint8Array, binding: Uint8Array): GatewayStep {
    return simpp2.startGateway({
      crypto,
      entropy,
      krS: this.krS,
      domain,
      offer,
      binding,
      importDevice: (agreementKey) => importDevice(crypto.p256, this.krS, agreementKey),
      allowGuests: this.#script.allowGuests ?? true,
      now: () => Math.floor(Date.now() / 1000),
    });
  }

  async #read(leg: Leg, header: ReceivedHeader, namespace: string): Promise<Uint8Array | undefined> {
    const part = await leg.read();
    if (part?.kind !== 'element') return undefined;
    const element = readHandshakeElement(part.bytes, header.bindings, namespace);
    return element.kind === 'handshake' ? element.message : undefined;
  }

  #deliver(accepted: Accepted): void {
    if (this.#waiting === undefined) this.#accepted.push(accepted);
    else this.#waiting(accepted);
    this.#waiting = undefined;
  }
}
