// Gateway mode in profile simpp-2: a channel with the account's identity, or a
// guest's with the installation's key (transparency.md §2). It is SIMPP with
// the pinned KU_S or nothing.

import { setTimeout } from 'node:timers/promises';
import type { Crypto, PublicKey } from '../../shared/crypto/provider.ts';
import { asSimppError } from '../../shared/errors.ts';
import type { Hello } from '../../shared/simpp/client.ts';
import { identityStatuses } from '../../shared/simpp/control.ts';
import { simpp2 } from '../../shared/simpp/profile.ts';
import { setupDomain } from '../address.ts';
import type { ChannelSocket } from '../channel-socket.ts';
import { formatEndpoint } from '../endpoint.ts';
import { helloFor, registrationHello } from '../identity/hello.ts';
import { gatewayKeysOf } from '../invite.ts';
import type { GatewayRoute, SetupName } from '../options.ts';
import type { Caller, DialDeps, Dialled } from './dial.ts';
import { enrol } from './enrol.ts';
import { farewellOf } from './farewell.ts';
import { openChannel } from './simpp.ts';

export async function dialGateway(setup: SetupName & GatewayRoute, who: Caller, deps: DialDeps): Promise<Dialled> {
  const { crypto, entropy, identities, log, timeoutMs, signal } = deps;
  const { host, port, keyBytes } = setup.gateway;
  const domain = setupDomain(setup);
  const pinned = gatewayKeysOf({ profile: 'simpp-2', bytes: keyBytes });
  const kuS = gatewayKeyOf(setup, crypto);
  const open = async (hello: Hello): Promise<ChannelSocket> => {
    const startClient = (offer: Uint8Array) =>
      simpp2.startClient({ crypto, entropy, kuS, domain, offer, binding: new Uint8Array(0), hello });
    const options = { host, port, domain, profile: simpp2, crypto, pinned, startClient, timeoutMs, signal };
    return (await openChannel(options)).socket;
  };

  if (who.kind === 'guest') {
    const channel = await open({ kind: 'guest', agreement: identities.installationKey() });
    return {
      ...dialled(channel),
      enrol: (jid) => enrol(channel, jid, { crypto, entropy, identities, kuS, domain, log }),
    };
  }

  const { jid } = who;
  const identity = await identities.open(jid);
  const hello = helloFor(identity);
  const channel = await open(hello).catch(async (error: unknown) => {
    // The directory may have lost its entry. The same keys, once, on a new connection.
    const registration = hello.kind === 'login' ? registrationHello(identity) : undefined;
    if (registration === undefined || asSimppError(error).code !== 'gateway-refused') throw error;
    log.warn('gateway does not know this device any more', { jid, server: formatEndpoint(setup.gateway) });
    await pause(retryDelayMs(), signal);
    const registered = await open(registration);
    // Not before: the refusal was said in clear, by an overloaded gateway or by anybody between.
    identities.record(jid, 'none');
    return registered;
  });
  recordIdentities(channel, jid, deps);
  return dialled(channel);
}

/** KU_S made ready, once for each set-up: it takes time, and kilobytes for as long as a guest's channel stands. */
const gatewayKeys = new WeakMap<GatewayRoute, PublicKey>();

function gatewayKeyOf(route: GatewayRoute, { p256 }: Crypto): PublicKey {
  const known = gatewayKeys.get(route);
  if (known !== undefined) return known;
  const key = p256.publicKey(gatewayKeysOf({ profile: 'simpp-2', bytes: route.gateway.keyBytes }).agreement);
  gatewayKeys.set(route, key);
  return key;
}

/** Long enough for others to get in between, and not the same for all whom an overloaded gateway refused. */
function retryDelayMs(): number {
  return 100 + 400 * Math.random();
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await setTimeout(ms, undefined, { signal }).catch(() => signal?.throwIfAborted());
}

/** A channel as the relay gets it, its Goodbye kept. */
export function dialled(channel: ChannelSocket): Dialled {
  let goodbye: ReturnType<Dialled['farewell']>;
  channel.onControl((control) => {
    if (control.name === 'Goodbye') goodbye = farewellOf(control.values);
  });
  return { stream: channel, channel, encrypted: true, farewell: () => goodbye };
}

/** Keeps what the directory says about this device each time that the server has bound its JID. */
function recordIdentities(channel: ChannelSocket, jid: string, { identities, log }: DialDeps): void {
  // Not in dialGateway, whose every variable would live as long as the channel.
  channel.onControl((control) => {
    if (control.name !== 'Identity' || control.values.jid !== jid) return;
    const status = identityStatuses[control.values.status] ?? 'pending';
    identities.record(jid, status === 'pending' ? 'pending' : 'registered');
    if (status === 'pending') log.warn('device waits for approval', { jid, state: status });
  });
}
