// Ways that lead past the gateway to the server of a domain: BOSH and WebSocket
// that the domain advertises (XEP-0156), and client ports that its SRV records
// name. Whoever uses one of them is protected as before SIMPP, not more.

import { asSimppError, SimppError } from '../../shared/errors.ts';
import { readFeatures } from '../../shared/xmpp/features.ts';
import { setupDomain } from '../address.ts';
import { formatEndpoint, type Endpoint } from '../endpoint.ts';
import { Leg } from '../leg.ts';
import { linger } from '../linger.ts';
import type { GatewayRoute, SetupName } from '../options.ts';
import { connectTcp } from '../server/connect.ts';
import { Deadline } from '../server/deadline.ts';
import { outerLimits } from '../server/hand-over.ts';
import { openStream } from '../server/opening.ts';
import { resolveServer, type SrvLookup } from '../server/resolve.ts';
import { checkClockBySaying } from './clock.ts';
import { findings, type Finding } from './finding.ts';
import type { HostMeta } from './host-meta.ts';

const say = findings('bypass');
const stepMs = 3000;
const maxAddresses = 4;

export interface BypassOptions {
  readonly setup: SetupName & GatewayRoute;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly lookup?: SrvLookup | undefined;
  /** Reads the domain's host-meta; undefined when it has none. */
  readonly hostMeta: (domain: string, signal: AbortSignal) => Promise<HostMeta | undefined>;
}

export async function checkBypass(options: BypassOptions): Promise<Finding[]> {
  const [web, direct] = await Promise.all([checkWeb(options), checkPorts(options)]);
  const found = [...web, ...direct];
  return found.some(({ check }) => check === 'bypass')
    ? found
    : [...found, say.ok('No other way to the server was seen.')];
}

async function checkWeb({ setup, signal, now, hostMeta }: BypassOptions): Promise<Finding[]> {
  const domain = setupDomain(setup);
  const meta = await hostMeta(domain, signal);
  if (meta === undefined) return [];
  const clock = meta.date === undefined ? [] : checkClockBySaying(now(), meta.date, `the web server of ${domain}`);
  const ways = meta.links.map(({ kind, href }) =>
    say.warning(
      `${domain} offers ${kind} at ${href.slice(0, 100)}, which leads past the gateway.`,
      kind === 'BOSH'
        ? 'modules_disabled = { "bosh" }   # Prosody, by the administrator'
        : 'modules_disabled = { "websocket" }   # Prosody, by the administrator',
    ),
  );
  return [...clock, ...ways];
}

async function checkPorts({ setup, signal, lookup }: BypassOptions): Promise<Finding[]> {
  const domain = setupDomain(setup);
  const places = await resolveServer(domain, lookup).catch(() => []);
  const others = places.filter(({ host, port }) => host !== setup.gateway.host || port !== setup.gateway.port);
  const found = await Promise.all(
    others.slice(0, maxAddresses).map(async (place) => ((await isPlainServer(place, domain, signal)) ? [place] : [])),
  );
  return found
    .flat()
    .map((place) =>
      say.warning(
        `${formatEndpoint(place)} is a way to the server without the gateway.`,
        'c2s_interfaces = { "127.0.0.1" }   # Prosody, by the administrator',
      ),
    );
}

/** Whether an XMPP server without SIMPP answers there. */
async function isPlainServer(
  place: Endpoint & { readonly tls: 'starttls' | 'direct' },
  domain: string,
  signal: AbortSignal,
): Promise<boolean> {
  using deadline = new Deadline({ timeoutMs: stepMs, signal, tooSlow: () => new SimppError('server-unreachable') });
  let leg: Leg | undefined;
  try {
    const socket = await connectTcp(place, deadline);
    // Whatever TLS would say: somebody takes logins there.
    if (place.tls === 'direct') {
      socket.destroy();
      return true;
    }
    leg = new Leg(socket, outerLimits);
    const { features, scope } = await openStream(leg, { to: domain });
    return readFeatures(features, scope).simpp.length === 0;
  } catch (error) {
    // Not there, or not for us.
    return asSimppError(error).code === 'internal';
  } finally {
    if (leg !== undefined) void linger(leg, 300, '</stream:stream>');
  }
}
