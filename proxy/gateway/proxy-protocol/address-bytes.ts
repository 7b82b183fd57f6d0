// IP addresses as text and as bytes. Text that leaves here is canonical, so that
// limits and filters see each address written in one way (RFC 5952).

import { isIPv4, isIPv6, SocketAddress } from 'node:net';

const ipv6Groups = 8;

/** The address of an IPv4-mapped one, and no zone; anything else as it is. */
export function plainAddress(address: string): string {
  const withoutZone = address.replace(/%.*$/, '');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(withoutZone)?.[1];
  return mapped !== undefined && isIPv4(mapped) ? mapped : withoutZone;
}

/** The canonical text of an IPv6 address, IPv4 where it is a mapped one. */
export function canonicalIpv6(address: string): string {
  return plainAddress(new SocketAddress({ address, family: 'ipv6' }).address);
}

/** 4 bytes as an IPv4 address, 16 as an IPv6 one. */
export function addressOf(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups: string[] = [];
  for (let at = 0; at < 2 * ipv6Groups; at += 2) groups.push(((bytes[at]! << 8) | bytes[at + 1]!).toString(16));
  return canonicalIpv6(groups.join(':'));
}

/** The bytes of an address; the caller knows that it is one. */
export function bytesOfAddress(address: string): Uint8Array {
  if (!isIPv6(address)) return Uint8Array.from(address.split('.'), Number);
  // URLs have IPv6 addresses in hexadecimal groups throughout (WHATWG URL, host serializing).
  const groups = expandGroups(new URL(`http://[${address}]`).hostname.slice(1, -1));
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

function expandGroups(hexadecimal: string): number[] {
  const [left = '', right] = hexadecimal.split('::');
  const numbers = (text: string): number[] => (text === '' ? [] : text.split(':').map((group) => parseInt(group, 16)));
  const head = numbers(left);
  if (right === undefined) return head;
  const tail = numbers(right);
  return [...head, ...Array<number>(ipv6Groups - head.length - tail.length).fill(0), ...tail];
}
