// All paths to one Prosody, each by real processes.
import { readFile } from 'node:fs/promises';

import { findProsody, Prosody } from '../../proxy/try/prosody.ts';
import { TestAuthority } from '../e2e/support/certs.ts';
import { alice, bob, domain } from './people.ts';
import type { Destination, Lay, Route } from './route.ts';
import { straight, throughBothGateways, throughGateway } from './simpp-paths.ts';
import { byteProxy, hasStunnel, stunnelPair, tlsPair } from './tunnels.ts';

const direct: Lay = async (_stack, to) => ({ login: { ...to, ...alice }, hops: {} });
const directTls: Lay = async (_stack, to) => {
  const ca = await readFile(to.caFile, 'utf8');
  return { login: { ...to, ...alice, ca }, hops: {} };
};

const directManaged: Lay = async (_stack, to) => ({ login: { ...to, ...alice, manages: true }, hops: {} });

/** Every path by its name, in the order of the report. */
const lays = {
  direct,
  'direct, SM': directManaged,
  'direct TLS': directTls,
  'byte proxy': byteProxy,
  'TLS pair': tlsPair,
  'stunnel pair': stunnelPair,
  'gateway, ended': throughGateway('ended'),
  'gateway, relayed': throughGateway('relayed'),
  'no gateway, ended': straight('ended'),
  'no gateway, relayed': straight('relayed'),
  'both sides': throughBothGateways('off'),
  'both sides, encrypted': throughBothGateways('require'),
} as const satisfies Readonly<Record<string, Lay>>;

export type RouteName = keyof typeof lays;

export const simppRoutes = ['gateway, ended', 'gateway, relayed', 'no gateway, ended', 'no gateway, relayed'] as const;

/** What each path is compared with. */
export function baselinesOf(name: RouteName): readonly RouteName[] {
  if (name === 'direct') return [];
  if (name === 'both sides') return ['direct'];
  if (name === 'both sides, encrypted') return ['direct', 'both sides'];
  return name.endsWith('ended') ? ['direct', 'direct, SM'] : ['direct'];
}

/** What this machine lacks for the bench of paths; undefined when it can run. */
export async function lackingForRoutes(): Promise<string | undefined> {
  return (await findProsody()) === undefined ? 'Prosody is not installed (apt-get install prosody)' : undefined;
}

/** The paths that this machine has the programs for. */
export const routeNames = (Object.keys(lays) as RouteName[]) // as: the keys of a literal
  .filter((name) => name !== 'stunnel pair' || hasStunnel);

/** Those where the far side is straight at the server. */
export const oneSidedRoutes = routeNames.filter((name) => !name.startsWith('both sides'));

/** What each name stands for, as footnotes. */
export const routeFootnotes = [
  'Every process of a path is one of its own, all on one machine, joined by loopback, to the same Prosody without limits. The clients are ' +
    'raw ones in the process of the bench, the same on all paths; the other one, bob, is logged in straight at Prosody, but for both sides.',
  'direct, SM: the same with stream management (XEP-0198), which the proxy always uses towards the server where the login is ended; most of ' +
    'what it takes, Prosody takes. direct TLS: STARTTLS to Prosody. byte proxy: one process of Node that connects two sockets. TLS pair: two of them with mutual TLS 1.3 in ' +
    'between. stunnel pair: the same with stunnel of Debian, TLS 1.3, one as client, one as server. None of these knows XMPP.',
  'gateway: proxy and gateway, SIMPP in between. no gateway: the proxy alone, TLS to Prosody. ended: the login ends at the proxy. relayed: it ' +
    'passes through to the server.',
  'both sides: bob has a proxy too, both logins are ended, and both go through the gateway of the domain. encrypted: with end-to-end encryption, policy ' +
    'require; else it is off.',
  ...(hasStunnel ? [] : ['Without the stunnel pair: stunnel is not installed (apt-get install stunnel4).']),
];

export interface Routes extends AsyncDisposable {
  readonly all: readonly Route[];
  /** For clients that no path is measured with. */
  readonly server: Destination;
}

/** Else the kernel holds small packets back, whose acknowledgement the other side delays by 40 ms, and that is what is measured. */
const withoutDelay = 'network_settings = { nagle = false }';

/** Starts a server and the paths to it; what was started ends again when something fails. */
export async function openRoutes(names: readonly RouteName[] = routeNames): Promise<Routes> {
  await using stack = new AsyncDisposableStack();
  const authority = stack.use(await TestAuthority.create());
  const certificate = await authority.issue([domain]);
  const globalLines = (): string => withoutDelay;
  const accounts = [alice, bob];
  const prosody = stack.use(await Prosody.start({ domain, accounts, tls: 'starttls', certificate, globalLines }));
  const { host, port, pid } = prosody;
  if (pid === undefined) throw new Error('a server that runs has a pid');
  const server = { host, port, domain, pid, caFile: authority.caFile, ...certificate };
  const all: Route[] = [];
  for (const name of names) all.push({ name, ...(await lays[name](stack, server)) });
  const owned = stack.move();
  return { all, server, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
