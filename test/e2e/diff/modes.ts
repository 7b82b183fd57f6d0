// The ways to a server that must not differ. Each has a domain of its own on
// the same server, so that all are played at once, with the same account names,
// and none sees another's rooms. The names of the domains are equally long.
import type { KindOfLogin } from './script.ts';

export type Route = 'gateway' | 'starttls' | 'none';

export interface Proxied {
  readonly route: Route;
  readonly login: KindOfLogin;
}

export interface Mode {
  readonly name: string;
  readonly domain: string;
  /** For ANONYMOUS. */
  readonly guestDomain: string;
  /** Through the proxy; undefined straight to the server. */
  readonly proxied: Proxied | undefined;
}

function mode<P extends Proxied | undefined>(index: number, name: string, proxied: P) {
  return { name, domain: `d${index}.test`, guestDomain: `g${index}.test`, proxied };
}

/** What all others are compared with. */
export const directly: Mode = mode(0, 'directly', undefined);

/** The same once more: what differs between these two is not SIMPP's doing. */
export const directlyAgain: Mode = mode(1, 'directly again', undefined);

export const proxiedModes = [
  mode(2, 'gateway, login ended', { route: 'gateway', login: 'ended' }),
  mode(3, 'gateway, login relayed', { route: 'gateway', login: 'relayed' }),
  mode(4, 'direct by STARTTLS, login ended', { route: 'starttls', login: 'ended' }),
  mode(5, 'direct by STARTTLS, login relayed', { route: 'starttls', login: 'relayed' }),
  mode(6, 'direct on loopback, login ended', { route: 'none', login: 'ended' }),
  mode(7, 'direct on loopback, login relayed', { route: 'none', login: 'relayed' }),
] as const;

export const allModes: readonly Mode[] = [directly, directlyAgain, ...proxiedModes];
