// The ways to a server that must not differ. Each has a domain of its own on
// the same server, so that all are played at once, with the same account names,
// and none sees another's rooms. The names of the domains are equally long.
import type { Policy } from '../../../proxy/endtoend/desk.ts';
import type { KindOfLogin } from './script.ts';

export type Route = 'gateway' | 'starttls' | 'none';

export interface Proxied {
  readonly route: Route;
  readonly login: KindOfLogin;
  /** For all accounts of the way, at both ends of what they say to each other. */
  readonly endToEnd: Policy;
}

export interface Mode {
  readonly name: string;
  readonly domain: string;
  /** For ANONYMOUS. */
  readonly guestDomain: string;
  /** Through the proxy; undefined straight to the server. */
  readonly proxied: Proxied | undefined;
}

function mode(index: number, name: string, proxied?: Proxied): Mode {
  return { name, domain: `d${index}.test`, guestDomain: `g${index}.test`, proxied };
}

/** What all others are compared with. */
const directly = mode(0, 'directly');

/** The same once more: what differs between these two is not SIMPP's doing. */
const directlyAgain = mode(1, 'directly again');

function proxied(endToEnd: Policy, ways: readonly (readonly [name: string, Route, KindOfLogin])[]): readonly Mode[] {
  return ways.map(([name, route, login], index) => mode(index + 2, name, { route, login, endToEnd }));
}

/** Modes that are played together; the first is the one that the others must be like. */
export interface ModeSet {
  readonly title: string;
  readonly modes: readonly [Mode, ...Mode[]];
}

export const inClear: ModeSet = {
  title: 'through SIMPP as directly',
  modes: [
    directly,
    directlyAgain,
    ...proxied('off', [
      ['gateway, login ended', 'gateway', 'ended'],
      ['gateway, login relayed', 'gateway', 'relayed'],
      ['direct by STARTTLS, login ended', 'starttls', 'ended'],
      ['direct by STARTTLS, login relayed', 'starttls', 'relayed'],
      ['direct on loopback, login ended', 'none', 'ended'],
      ['direct on loopback, login relayed', 'none', 'relayed'],
    ]),
  ],
};

export const encrypted: ModeSet = {
  title: 'encrypted end to end as directly',
  modes: [
    directly,
    directlyAgain,
    ...proxied('prefer', [
      ['encrypted, gateway, login ended', 'gateway', 'ended'],
      ['encrypted, gateway, login relayed', 'gateway', 'relayed'],
      ['encrypted, direct on loopback, login ended', 'none', 'ended'],
      ['encrypted, direct on loopback, login relayed', 'none', 'relayed'],
    ]),
  ],
};
