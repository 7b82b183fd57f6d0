// The networks that limits count by: /24 of IPv4, /56 of IPv6, because that is
// what one subscriber can take at will (docs/protocol.md §4 Load).

import { isIP } from 'node:net';

const ipv6Groups = 8;

/** The prefix of an address as text; addresses of one network give the same one. */
export function addressPrefix(address: string): string {
  const plain = address.toLowerCase().replace(/%.*$/, '');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain)?.[1] ?? plain;
  switch (isIP(mapped)) {
    case 4:
      return `${mapped.split('.').slice(0, 3).join('.')}.0/24`;
    case 6: {
      const groups = expand(mapped);
      return `${groups.slice(0, 3).join(':')}:${(Number.parseInt(groups[3]!, 16) & 0xff00).toString(16)}::/56`;
    }
    default:
      return 'unknown';
  }
}

/** The eight groups of an IPv6 address, without leading zeros; an embedded IPv4 address is in the part not looked at. */
function expand(address: string): string[] {
  const [left = '', right] = address.split('::');
  const head = left === '' ? [] : left.split(':');
  const tail = right === undefined || right === '' ? [] : right.split(':');
  const missing = right === undefined ? 0 : Math.max(0, ipv6Groups - head.length - tail.length);
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
  return groups.map((group) => Number.parseInt(group, 16).toString(16));
}
