// What `simpp setup` is going to do, decided before anything is written.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { SimppError } from '../../shared/errors.ts';
import type { ProfileName } from '../../shared/simpp/profile.ts';
import { parseSetupName, setupDomain } from '../address.ts';
import type { AccountFile } from '../config/account-schema.ts';
import { formatEndpoint, isLoopback, type Endpoint } from '../endpoint.ts';
import type { Policy } from '../endtoend/desk.ts';
import type { ServerTls } from '../gateway/options.ts';
import { parseInvite, type Invite, type InvitedKey } from '../invite.ts';
import type { KeystoreKind } from '../keystore/header.ts';
import type { SetupName } from '../options.ts';
import { toBase64Url } from '../../shared/bytes.ts';
import { HintedError } from './hint.ts';
import type { KeystorePlan } from './keystore-choice.ts';
import { readPasswordFile } from './password-file.ts';

/** The command line of `simpp setup`. */
export interface SetupFlags {
  readonly address?: string;
  readonly invite?: string;
  readonly direct?: boolean;
  readonly server?: Endpoint;
  readonly serverTls?: ServerTls;
  readonly serverCa?: string;
  readonly listen?: readonly Endpoint[];
  readonly listenStarttls?: readonly Endpoint[];
  readonly listenTls?: readonly Endpoint[];
  readonly passwordFile?: string;
  readonly keystore?: KeystoreKind;
  readonly profile?: ProfileName;
  readonly e2e?: Policy;
  readonly json?: boolean;
}

/** Where a set-up leads. */
export type RoutePlan =
  | { readonly mode: 'gateway'; readonly gateway: Endpoint; readonly key: InvitedKey }
  | { readonly mode: 'direct'; readonly server?: Endpoint; readonly tls: ServerTls; readonly caFile?: string };

/** Where clients are to connect; as before what is absent. */
export interface ListenPlan {
  readonly listen?: readonly Endpoint[];
  readonly listenStarttls?: readonly Endpoint[];
  readonly listenTls?: readonly Endpoint[];
}

/** A complete set-up. */
export interface SetupPlan extends ListenPlan {
  readonly name: SetupName;
  readonly route: RoutePlan;
  /** Of end-to-end encryption; absent: what the file's absence of it means. */
  readonly endToEnd?: Policy;
  /** Only for a JID. */
  readonly password?: string;
  /** Only where there is no keystore yet. */
  readonly keystore?: KeystorePlan;
}

/** The plan of a complete command line; throws SimppError('usage') that names what is missing. */
export function planFromFlags(flags: SetupFlags): SetupPlan {
  if (flags.address === undefined) {
    throw new SimppError('usage', 'Say whom to set up: an address like alice@example.org, or a domain.');
  }
  const name = parseSetupName(flags.address);
  const route = planRoute(name, flags);
  const common = { name, route, ...planListen(flags), ...planEndToEnd(flags) };
  if (name.kind === 'domain') {
    if (flags.passwordFile === undefined) return common;
    throw new SimppError('usage', 'A domain has no password of its own; each client sends its own through it.');
  }
  if (flags.passwordFile === undefined) {
    throw new HintedError(
      'usage',
      `The set-up of ${name.jid} needs its password: give it with --password-file FILE (- reads stdin).`,
      `Without keeping a password: set up the whole domain, "simpp setup ${setupDomain(name)} …".`,
    );
  }
  return { ...common, password: readPasswordFile(flags.passwordFile) };
}

/** The policy of end-to-end encryption that the flags ask for. */
export function planEndToEnd({ e2e }: SetupFlags): Pick<SetupPlan, 'endToEnd'> {
  return e2e === undefined ? {} : { endToEnd: e2e };
}

/** Whether people's messages can be protected end to end on this way; classic only reproduces the paper. */
export function hasEndToEnd(route: RoutePlan): boolean {
  return route.mode === 'direct' || route.key.profile !== 'classic';
}

/** The listeners that the flags ask for. */
export function planListen({ listen, listenStarttls, listenTls }: SetupFlags): ListenPlan {
  return {
    ...(listen === undefined ? {} : { listen: listen.map(checkListen) }),
    ...(listenStarttls === undefined ? {} : { listenStarttls: listenStarttls.map(checkListen) }),
    ...(listenTls === undefined ? {} : { listenTls: listenTls.map(checkListen) }),
  };
}

/** The route that the flags ask for; throws when they ask for none. */
export function planRoute(name: SetupName, flags: SetupFlags): RoutePlan {
  if (flags.invite !== undefined) return routeOfInvite(name, parseInvite(flags.invite), flags.profile);
  if (flags.direct === true) return directRoute(flags);
  throw new SimppError('usage', 'Say how to reach the server: --invite URI for a gateway, or --direct without one.');
}

/** The route of an invite, when it is for this domain and its profile was asked for. */
export function routeOfInvite(name: SetupName, invite: Invite, profile: ProfileName = 'simpp-2'): RoutePlan {
  const domain = setupDomain(name);
  if (!invite.domains.includes(domain)) {
    throw new HintedError(
      'invite-invalid',
      `The invite is for ${invite.domains.join(', ')}, not for ${domain}.`,
      'Ask for an invite of your own domain.',
    );
  }
  if (invite.key.profile !== profile) {
    throw new HintedError(
      'invite-invalid',
      `The invite is of the profile ${invite.key.profile}, not ${profile}.`,
      invite.key.profile === 'classic'
        ? 'Classic is broken and only reproduces the paper; --profile classic accepts that.'
        : 'Leave --profile out.',
    );
  }
  if (invite.gateway.port === 0) {
    throw new HintedError(
      'invite-invalid',
      'The invite has no port, because the gateway takes a free one when it starts.',
      'Use the invite that "simpp fingerprint --gateway" prints while the gateway runs.',
    );
  }
  return { mode: 'gateway', gateway: invite.gateway, key: invite.key };
}

/** An address for a listener of the proxy, which serves this machine only. */
export function checkListen(endpoint: Endpoint): Endpoint {
  if (isLoopback(endpoint.host)) return endpoint;
  throw new SimppError('usage', 'The proxy listens on addresses of this machine only, like 127.0.0.1:5222.');
}

function directRoute(flags: SetupFlags): RoutePlan {
  const { server, serverCa, serverTls: tls = 'starttls' } = flags;
  if (tls === 'none' && (server === undefined || !isLoopback(server.host))) {
    // Never plaintext over a network (transparency.md §3.8).
    throw new SimppError('usage', '--server-tls none is for a --server on loopback only.');
  }
  if (serverCa !== undefined && !existsSync(serverCa)) {
    throw new SimppError('usage', `--server-ca: there is no file ${serverCa}.`);
  }
  return {
    mode: 'direct',
    ...(server === undefined ? {} : { server }),
    tls,
    ...(serverCa === undefined ? {} : { caFile: resolve(serverCa) }),
  };
}

/** The account file of a plan. */
export function accountFileOf({ name, route, endToEnd }: SetupPlan): AccountFile {
  const who = {
    ...(name.kind === 'jid' ? { jid: name.jid } : { domain: name.domain }),
    ...(endToEnd === undefined ? {} : { e2e: endToEnd }),
  };
  if (route.mode === 'gateway') {
    const { gateway, key } = route;
    const profile = key.profile === 'classic' ? { profile: 'classic' as const } : {};
    return { ...who, mode: 'gateway', gateway: formatEndpoint(gateway), key: toBase64Url(key.bytes), ...profile };
  }
  return {
    ...who,
    mode: 'direct',
    ...(route.server === undefined ? {} : { server: formatEndpoint(route.server) }),
    server_tls: route.tls,
    ...(route.caFile === undefined ? {} : { server_ca: route.caFile }),
  };
}

/** What becomes of people's messages, in words. */
export const endToEndTexts = {
  prefer: 'Encrypt messages end to end whenever the contact can.',
  require: 'Encrypt messages end to end, and send none without.',
  off: 'Encrypt no message end to end.',
} as const satisfies Readonly<Record<Policy, string>>;

/** Where a route leads, in words. */
export function describeRoute(name: SetupName, route: RoutePlan): string {
  if (route.mode === 'gateway') return `through the gateway ${formatEndpoint(route.gateway)}`;
  const server = route.server === undefined ? `the server of ${setupDomain(name)}` : formatEndpoint(route.server);
  return route.tls === 'none' ? `straight to ${server}, without TLS` : `straight to ${server}, over TLS`;
}
