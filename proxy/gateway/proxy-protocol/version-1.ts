// Version 1: one line of text (proxy-protocol.txt §2.1).

import { isIPv4, isIPv6 } from 'node:net';
import { utf8 } from '../../../shared/bytes.ts';
import { canonicalIpv6 } from './address-bytes.ts';
import { agrees, malformedHeader, type Addresses, type HeaderReading } from './header.ts';

/** How each header of version 1 begins. */
export const beginning1: Uint8Array = utf8('PROXY ');

/** §2.1: the longest line there is, its end included. */
const maxLineBytes = 107;
const LF = 0x0a;

/** Reads a header that begins as one of version 1 does; throws SimppError. */
export function readVersion1(bytes: Uint8Array): HeaderReading {
  if (!agrees(bytes, beginning1)) throw malformedHeader('does not begin with PROXY');
  const end = bytes.subarray(0, maxLineBytes).indexOf(LF);
  if (end < 0) {
    if (bytes.length >= maxLineBytes) throw malformedHeader('has a line that does not end');
    return { kind: 'incomplete' };
  }
  // latin1: whatever is not ASCII fits nothing below.
  const line = Buffer.from(bytes.buffer, bytes.byteOffset, end + 1).toString('latin1');
  return { kind: 'complete', length: end + 1, addresses: readLine(line) };
}

function readLine(line: string): Addresses | undefined {
  // What follows UNKNOWN on its line is to be ignored.
  if (/^PROXY UNKNOWN(?: [^\r\n]*)?\r\n$/.test(line)) return undefined;
  const match = /^PROXY (TCP4|TCP6) ([0-9a-fA-F.:]+) ([0-9a-fA-F.:]+) (\d{1,5}) (\d{1,5})\r\n$/.exec(line);
  if (match === null) throw malformedHeader('has another form than PROXY TCP4 or TCP6, two addresses, two ports');
  const [, family, source, destination, sourcePort, destinationPort] = match as unknown as string[]; // all five matched
  return {
    source: { host: readAddress(family!, source!), port: readPort(sourcePort!) },
    destination: { host: readAddress(family!, destination!), port: readPort(destinationPort!) },
  };
}

function readAddress(family: string, address: string): string {
  if (family === 'TCP4' ? !isIPv4(address) : !isIPv6(address)) throw malformedHeader(`has no ${family} address`);
  return family === 'TCP4' ? address : canonicalIpv6(address);
}

/** §2.1: decimal, without leading zeros. */
function readPort(digits: string): number {
  const port = Number(digits);
  if (port > 65535 || String(port) !== digits) throw malformedHeader('has no port where one belongs');
  return port;
}

/** The header that tells these addresses. */
export function writeVersion1({ source, destination }: Addresses): Uint8Array {
  const family = isIPv6(source.host) ? 'TCP6' : 'TCP4';
  return utf8(`PROXY ${family} ${source.host} ${destination.host} ${source.port} ${destination.port}\r\n`);
}
