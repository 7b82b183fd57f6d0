// A set-up through a gateway, from this machine to the server behind it: the
// address, the offer, the key that a handshake proves, then the inner stream.
// The channel is a guest's with a key of its own: no name crosses it.

import type { Crypto } from '../../shared/crypto/provider.ts';
import { asSimppError, SimppError } from '../../shared/errors.ts';
import { systemEntropy } from '../../shared/simpp/entropy.ts';
import { classic, simpp2 } from '../../shared/simpp/profile.ts';
import { readFeatures, type StreamFeatures } from '../../shared/xmpp/features.ts';
import { setupDomain } from '../address.ts';
import type { ChannelSocket } from '../channel-socket.ts';
import { tomlPair } from '../config/annotate.ts';
import { formatEndpoint } from '../endpoint.ts';
import { gatewayKeysOf } from '../invite.ts';
import { Leg } from '../leg.ts';
import { linger } from '../linger.ts';
import { setupName, type GatewayRoute, type SetupName } from '../options.ts';
import { dialled } from '../server/dial-gateway.ts';
import { connectTcp } from '../server/connect.ts';
import { Deadline } from '../server/deadline.ts';
import { outerLimits } from '../server/hand-over.ts';
import { acceptOffer } from '../server/offer.ts';
import { openStream } from '../server/opening.ts';
import { openChannel } from '../server/simpp.ts';
import { findings, shellWord, type Finding } from './finding.ts';
import { checkServerStream } from './server-stream.ts';

const address = findings('address');
const gateway = findings('gateway');
const key = findings('key');
const guests = findings('guests');
const stepMs = 5000;

export interface GatewayRouteOptions {
  readonly setup: SetupName & GatewayRoute;
  /** The file that describes it. */
  readonly file: string;
  readonly crypto: Crypto;
  readonly signal: AbortSignal;
}

export async function checkGatewayRoute(options: GatewayRouteOptions): Promise<Finding[]> {
  const { setup, file } = options;
  const where = formatEndpoint(setup.gateway);
  let features: StreamFeatures;
  try {
    features = await readOffer(options);
  } catch (error) {
    const { code, message } = asSimppError(error);
    const line = `${tomlPair('gateway', where)}   # is it right? in ${file}`;
    if (code === 'server-unreachable') return [address.problem(message, line)];
    return [address.ok(`${where} answers.`), gateway.problem(message, line)];
  }
  const answers = address.ok(`${where} answers.`);
  const profile = setup.profile === 'classic' ? classic : simpp2;
  try {
    const pinned = gatewayKeysOf({ profile: setup.profile, bytes: setup.gateway.keyBytes });
    acceptOffer(options.crypto, features, { ...profile, pinned }, setup.gateway);
  } catch (error) {
    return [answers, ...offerRefused(asSimppError(error), features, options)];
  }
  if (setup.profile === 'classic') {
    return [
      answers,
      gateway.warning(
        `${where} speaks SIMPP, in the profile classic, which is broken.`,
        `simpp setup ${setupName(setup)} --invite 'simpp://…'   # an invite of the profile simpp-2`,
      ),
    ];
  }
  const speaks = gateway.ok(`${where} speaks SIMPP.`);
  return [answers, speaks, ...(await checkChannel(options))];
}

/** What the gateway offers in its outer stream, which says nothing but the domain. */
async function readOffer({ setup, signal }: GatewayRouteOptions): Promise<StreamFeatures> {
  const tooSlow = (): SimppError =>
    new SimppError('server-unreachable', `${formatEndpoint(setup.gateway)} did not answer.`);
  using deadline = new Deadline({ timeoutMs: stepMs, signal, tooSlow });
  const socket = await connectTcp(setup.gateway, deadline);
  const leg = new Leg(socket, outerLimits);
  try {
    const { features, scope } = await openStream(leg, { to: setupDomain(setup) });
    return readFeatures(features, scope);
  } finally {
    void linger(leg, 300, '</stream:stream>');
  }
}

function offerRefused(error: SimppError, { simpp }: StreamFeatures, { setup, file }: GatewayRouteOptions): Finding[] {
  const invite = `simpp setup ${shellWord(setupName(setup))} --invite 'simpp://…'   # the invite of today, from your administrator`;
  if (error.code === 'handshake-failed') {
    return [gateway.ok(`${formatEndpoint(setup.gateway)} speaks SIMPP.`), key.problem(error.message, invite)];
  }
  const isOther = error.code === 'simpp-missing' && simpp.length > 0;
  if (isOther) {
    const other = setup.profile === 'classic' ? 'simpp-2' : 'classic';
    const text = `The gateway speaks the profile ${other}, the set-up in ${file} asks for ${setup.profile}.`;
    return [gateway.problem(text, invite)];
  }
  return [
    gateway.problem(
      error.message,
      error.code === 'suite-missing' ? 'simpp --version   # compare with the gateway’s' : invite,
    ),
  ];
}

async function checkChannel(options: GatewayRouteOptions): Promise<Finding[]> {
  const { setup, file } = options;
  const domain = setupDomain(setup);
  let channel: ChannelSocket;
  try {
    channel = await openGuestChannel(options);
  } catch (error) {
    const { code, message } = asSimppError(error);
    if (code !== 'gateway-refused') {
      return [key.problem(message, `simpp setup ${shellWord(setupName(setup))} --invite 'simpp://…'`)];
    }
    if (setup.kind === 'jid') {
      return [guests.note('The gateway takes no guests, so that its key was not tried out; --login does.')];
    }
    return [
      guests.problem(
        `The gateway takes no guests, which the set-up of a whole domain needs.`,
        `simpp setup you@${domain} --invite 'simpp://…'   # or guest = "allow" in the gateway's gateway.toml`,
      ),
    ];
  }
  const onGateway = 'simpp gateway doctor   # on the machine of the gateway';
  return [
    key.ok('The gateway has the key that is pinned.'),
    ...(await checkServerStream(dialled(channel), domain, {
      unknownDomain: `domain = "…"   # or jid; in ${file}`,
      noAnswer: onGateway,
      noMechanism: onGateway,
    })),
  ];
}

async function openGuestChannel({ setup, crypto, signal }: GatewayRouteOptions): Promise<ChannelSocket> {
  const entropy = systemEntropy(crypto);
  const { host, port, keyBytes } = setup.gateway;
  const domain = setupDomain(setup);
  const pinned = gatewayKeysOf({ profile: 'simpp-2', bytes: keyBytes });
  const kuS = crypto.p256.publicKey(pinned.agreement);
  const hello = { kind: 'guest', agreement: entropy.privateKey(crypto.p256) } as const;
  const startClient = (offer: Uint8Array) =>
    simpp2.startClient({ crypto, entropy, kuS, domain, offer, binding: new Uint8Array(0), hello });
  const options = { host, port, domain, profile: simpp2, crypto, pinned, startClient, timeoutMs: stepMs, signal };
  return (await openChannel(options)).socket;
}
