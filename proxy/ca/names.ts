// The names that a certificate of the local authority can be for: the domains
// of the set-ups, as a client that checks XMPP's rules wants (RFC 6120 §13.7.1),
// and this machine, for clients that check what they connected to (testing.md).

import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';

const loopbackIpv6 = new Uint8Array(16);
loopbackIpv6[15] = 1;

/** In every certificate. */
export const loopback = {
  dnsName: 'localhost',
  addresses: [Uint8Array.of(127, 0, 0, 1), loopbackIpv6],
} as const;

/** The DNS name of a domain, in A-labels and lower case; undefined where no certificate can name it that way. */
export function dnsNameOf(domain: string): string | undefined {
  const name = domainToASCII(domain.replace(/\.$/, '')).toLowerCase();
  return name === '' || isIP(name) !== 0 || name.startsWith('[') ? undefined : name;
}

/** Whether a name is one of these or below one, as name constraints count (RFC 5280 §4.2.1.10). */
export function isWithin(name: string, permitted: readonly string[]): boolean {
  return permitted.some((root) => name === root || name.endsWith(`.${root}`));
}
