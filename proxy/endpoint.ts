// HOST:PORT as people write it: names, IPv4, IPv6 in brackets.

import { isIP, isIPv6 } from 'node:net';

/** A host and a TCP port. IPv6 addresses are kept without brackets. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** The form that `parseEndpoint` reads, for error texts. */
export const endpointForm = 'HOST:PORT, like 127.0.0.1:5222 or [::1]:5222';

const maxHostBytes = 253;
// A label starts and ends with a letter, digit or underscore (RFC 1123 §2.1, and names of containers).
const hostName =
  /^(?=.*[a-z])[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*\.?$/i;

/** Whether a host is written as an address or a well-formed name. */
export function isHost(host: string): boolean {
  return isIP(host) !== 0 || (host.length <= maxHostBytes && hostName.test(host));
}

/** Whether a port is one that can be written down; 0 stands for "a free one". */
export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 0 && port <= 65535;
}

/** Reads HOST:PORT (or HOST alone when a default port is given); undefined when it is anything else. */
export function parseEndpoint(text: string, defaultPort?: number): Endpoint | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text);
  if (match === null) return undefined;
  const [, bracketed, bare, digits] = match;
  const host = bracketed ?? bare ?? '';
  if (bracketed === undefined ? !isHost(host) : !isIPv6(host)) return undefined;
  const port = digits === undefined ? defaultPort : Number(digits);
  return port !== undefined && isPort(port) ? { host: host.toLowerCase(), port } : undefined;
}

/** HOST:PORT of an endpoint, IPv6 in brackets. */
export function formatEndpoint(endpoint: Endpoint): string {
  const host = isIPv6(endpoint.host) ? `[${endpoint.host}]` : endpoint.host;
  return `${host}:${endpoint.port}`;
}

/** Whether a host can only be this machine (RFC 5735 §3, RFC 4291 §2.5.3, RFC 6761 §6.3). */
export function isLoopback(host: string): boolean {
  if (isIP(host) === 4) return host.startsWith('127.');
  return host === '::1' || host === 'localhost' || host.endsWith('.localhost');
}

/** Whether a host stands for every address of this machine. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}
