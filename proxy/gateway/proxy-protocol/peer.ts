// The two ends of a connection as the operating system knows them.

import type { Socket } from 'node:net';
import { plainAddress } from './address-bytes.ts';
import type { Addresses } from './header.ts';

/** The addresses of a socket; undefined when it is closed already. */
export function peerAddresses(socket: Socket): Addresses | undefined {
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  if (remoteAddress === undefined || localAddress === undefined) return undefined;
  return {
    source: { host: plainAddress(remoteAddress), port: remotePort ?? 0 },
    destination: { host: plainAddress(localAddress), port: localPort ?? 0 },
  };
}
