// Where the proxy listens: a TCP port or, for clients that know them, a Unix
// socket. People write HOST:PORT, unix:/path or an absolute path.

import { isAbsolute } from 'node:path';
import { formatEndpoint, isLoopback, parseEndpoint, type Endpoint } from './endpoint.ts';

/** A Unix socket by its absolute path. */
export interface UnixAddress {
  readonly path: string;
}

export type ListenAddress = Endpoint | UnixAddress;

/** The form that `parseListenAddress` reads, for error texts. */
export const listenForm = 'an address of this machine, like 127.0.0.1:5222, or unix:/path';

/** Reads an address of this machine; undefined when it is anything else. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const path = text.startsWith(prefix) ? text.slice(prefix.length) : text;
  if (isAbsolute(path) && !path.includes('\0')) return { path };
  const endpoint = parseEndpoint(text);
  return endpoint !== undefined && isLoopback(endpoint.host) ? endpoint : undefined;
}

/** HOST:PORT or unix:/path. */
export function formatListenAddress(address: ListenAddress): string {
  return 'path' in address ? prefix + address.path : formatEndpoint(address);
}

const prefix = 'unix:';
