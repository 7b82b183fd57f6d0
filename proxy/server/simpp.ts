// Opens a SIMPP channel to a gateway: the outer stream, the handshake of
// either profile, and the switch to records (docs/protocol.md §4). It is SIMPP
// with the pinned KU_S or nothing; all that the outer stream said is dropped.

import type { Socket } from 'node:net';
import type { Crypto } from '../../shared/crypto/provider.ts';
import { asSimppError, SimppError } from '../../shared/errors.ts';
import { Channel } from '../../shared/simpp/channel.ts';
import type { GatewayKeys } from '../../shared/simpp/fingerprint.ts';
import type { ClientStep, Session } from '../../shared/simpp/handshake.ts';
import { readFeatures } from '../../shared/xmpp/features.ts';
import type { Bindings } from '../../shared/xml/tag.ts';
import { ChannelSocket } from '../channel-socket.ts';
import { formatEndpoint, type Endpoint } from '../endpoint.ts';
import { Leg } from '../leg.ts';
import { connectTcp } from './connect.ts';
import { Deadline } from './deadline.ts';
import { handOver, outerLimits } from './hand-over.ts';
import { readHandshakeElement, writeHandshakes, type HandshakeElement } from './handshake-element.ts';
import { acceptOffer } from './offer.ts';
import { nextElement, openStream } from './opening.ts';
import { StreamErrorReceived } from './received-error.ts';
import { systemCode, unreachable } from './unreachable.ts';

export interface ChannelOptions extends Endpoint {
  /** The XMPP domain: the only name that crosses the wire in clear. */
  readonly domain: string;
  /** A profile, as far as the wire shows it. */
  readonly profile: { readonly namespace: string; readonly suite: string };
  readonly crypto: Crypto;
  /** KU_S from the invite. */
  readonly pinned: GatewayKeys;
  /** Begins the profile's handshake; `offer` is the raw `<simpp/>` for the prologue. */
  readonly startClient: (offer: Uint8Array) => ClientStep;
  /** For all of it; 10 s unless told otherwise. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface OpenedChannel {
  readonly socket: ChannelSocket;
  readonly session: Session;
}

/** A gateway may say this much before the switch. */
const maxOuterBytes = 64 * 1024;
const defaultTimeoutMs = 10_000;

/** Opens a channel; throws SimppError, then nothing but the domain has crossed the wire in clear. */
export async function openChannel(options: ChannelOptions): Promise<OpenedChannel> {
  const { timeoutMs = defaultTimeoutMs, signal } = options;
  const tooSlow = (): SimppError =>
    new SimppError('server-unreachable', `The gateway at ${formatEndpoint(options)} did not answer in time.`);
  using deadline = new Deadline({ timeoutMs, signal, tooSlow });
  const socket = await connectTcp(options, deadline);
  try {
    const outer = new OuterStream(socket, options.profile.namespace);
    const session = await runHandshake(outer, options);
    outer.handOver();
    return { socket: new ChannelSocket(socket, new Channel(session, 'client')), session };
  } catch (error) {
    socket.destroy();
    throw explained(asSimppError(error, 'server-unreachable'), options);
  }
}

async function runHandshake(outer: OuterStream, options: ChannelOptions): Promise<Session> {
  const { crypto, domain, pinned, profile } = options;
  const features = await outer.open(domain);
  const { offer } = acceptOffer(crypto, features, { ...profile, pinned }, options);
  let step = options.startClient(offer);
  let suite: string | undefined = profile.suite;
  while (step.kind === 'send') {
    outer.send(step.messages, suite);
    suite = undefined;
    const reply = await outer.receive('handshake');
    step = step.next(reply.message);
  }
  outer.send(step.messages, suite);
  await outer.receive('proceed');
  return step.session;
}

/** The plaintext stream of which, in the end, only the handshake messages count. */
class OuterStream {
  readonly #socket: Socket;
  readonly #leg: Leg;
  readonly #namespace: string;
  #scope: Bindings | undefined;

  constructor(socket: Socket, namespace: string) {
    this.#socket = socket;
    this.#leg = new Leg(socket, outerLimits);
    this.#namespace = namespace;
  }

  /** No `from`: who calls is said inside the handshake, encrypted to KU_S. */
  async open(domain: string): Promise<ReturnType<typeof readFeatures>> {
    const { features, scope } = await openStream(this.#leg, { to: domain });
    this.#scope = scope;
    this.#checkSize();
    return readFeatures(features, scope);
  }

  send(messages: readonly Uint8Array[], suite: string | undefined): void {
    this.#leg.write(writeHandshakes(this.#namespace, messages, suite));
  }

  /** The next element, which must be of this kind. */
  async receive<K extends HandshakeElement['kind']>(kind: K): Promise<Extract<HandshakeElement, { kind: K }>> {
    if (this.#scope === undefined) throw new SimppError('internal', 'the outer stream is not open');
    const bytes = await nextElement(this.#leg, this.#scope);
    this.#checkSize();
    const received = readHandshakeElement(bytes, this.#scope, this.#namespace);
    if (received.kind === 'failure') throw new SimppError('gateway-refused');
    if (!isKind(received, kind)) {
      throw new SimppError('unexpected-element', `The gateway sent <${received.kind}/> instead of <${kind}/>.`);
    }
    return received;
  }

  handOver(): void {
    handOver(this.#leg, this.#socket);
  }

  #checkSize(): void {
    if (this.#socket.bytesRead > maxOuterBytes) throw new SimppError('too-large');
  }
}

function isKind<K extends HandshakeElement['kind']>(
  received: HandshakeElement,
  kind: K,
): received is Extract<HandshakeElement, { kind: K }> {
  return received.kind === kind;
}

/** The same error in words that name the gateway, where the protocol core could not know it. */
function explained(error: SimppError, options: ChannelOptions): SimppError {
  const where = formatEndpoint(options);
  switch (error.code) {
    case 'handshake-failed':
    case 'invalid-point':
    case 'malformed-message':
      if (error.message.includes(where)) return error;
      return new SimppError(
        error.code,
        `The handshake with the gateway at ${where} failed: ${error.message} Either it does not have the key of the ` +
          'invite, or somebody on the way changed the bytes. Nothing weaker is tried.',
        { cause: error },
      );
    case 'server-unreachable':
      if (error instanceof StreamErrorReceived || error.message.includes(where)) return error;
      return systemCode(error.cause) === undefined
        ? new SimppError(error.code, `The gateway at ${where} ended the connection early.`, { cause: error })
        : unreachable(options, error.cause);
    case 'gateway-refused':
      return new SimppError(error.code, `The gateway at ${where} refused this device for ${options.domain}.`, {
        cause: error,
      });
    default:
      return error;
  }
}
