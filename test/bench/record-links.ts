// Three ways from one end to the other: a channel alone, a channel as the stream
// that proxy and gateway use, and TLS; the streams over memory or loopback TCP.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { duplexPair, type Duplex } from 'node:stream';

import { ChannelSocket } from '../../proxy/channel-socket.ts';
import { detectNodeCrypto } from '../../proxy/crypto/provider.ts';
import { Channel } from '../../shared/simpp/channel.ts';
import { exchange, helloOf, newDevice } from '../shared/simpp/exchange.ts';
import type { TlsPeers } from './tls-handshakes.ts';

/** A one-way link. */
export interface Link {
  /** Sends `chunk` so many times, each time as a record of its own; resolves when all was opened at the other end. */
  send(chunk: Uint8Array, times: number): Promise<void>;
  close(): void;
}

/** Two ends of one stream. */
type Ends = readonly [Duplex, Duplex];

/** Both ends of a channel after a real handshake. */
function newChannels(): readonly [Channel, Channel] {
  const crypto = detectNodeCrypto();
  const hello = helloOf.guest(newDevice(crypto));
  const outcome = exchange({ krS: crypto.p256.generate(), hello, crypto: { client: crypto, gateway: crypto } });
  if (outcome.kind !== 'established') throw new TypeError(outcome.kind);
  return [new Channel(outcome.client, 'client'), new Channel(outcome.gateway, 'gateway')];
}

/** Sealing and opening alone. */
export function channelLink(): Link {
  const [near, far] = newChannels();
  return {
    async send(chunk, times) {
      for (let sent = 0; sent < times; sent++) {
        far.push(near.sealData(chunk));
        const event = far.next();
        if (event?.kind !== 'data' || event.bytes.length !== chunk.length) throw new TypeError('not what was sent');
      }
    },
    close: () => undefined,
  };
}

/** Sealing and opening in the stream that both roles use. */
export function channelStreamLink([near, far]: Ends): Link {
  const [nearChannel, farChannel] = newChannels();
  // A ChannelSocket uses nothing of a socket that a stream in memory lacks.
  return streamLink([new ChannelSocket(near as Socket, nearChannel), new ChannelSocket(far as Socket, farChannel)]);
}

/** The same over TLS. */
export async function tlsLink(peers: TlsPeers, ends: Ends): Promise<Link> {
  const { client, server } = await peers.connect(ends);
  return streamLink([client, server]);
}

/** Two ends in memory. */
export const memoryPair = (): Ends => duplexPair();

/** Two ends of a TCP connection over loopback. */
export async function tcpPair(): Promise<Ends> {
  const listener = createServer({ noDelay: true }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const accepted = once(listener, 'connection');
  const { port } = listener.address() as AddressInfo; // it listens on TCP
  const near = connect({ port, host: '127.0.0.1', noDelay: true });
  const [far] = await accepted;
  listener.close();
  return [near, far];
}

/** Writes wait for each other: a stream would put several that wait into one record. */
function streamLink([near, far]: Ends): Link {
  let failed: ((error: Error) => void) | undefined;
  let arrived: ((bytes: number) => void) | undefined;
  far.on('data', (bytes: Uint8Array) => arrived?.(bytes.length));
  for (const end of [near, far]) end.on('error', (error) => failed?.(error));

  const send = (chunk: Uint8Array, times: number): Promise<void> =>
    new Promise((resolve, reject) => {
      let missing = chunk.length * times;
      let unsent = times;
      failed = reject;
      arrived = (bytes) => {
        missing -= bytes;
        if (missing === 0) resolve();
      };
      const next = (error?: Error | null): void => {
        if (error) reject(error);
        else if (unsent-- > 0) near.write(chunk, next);
      };
      next();
    });
  return {
    send,
    close() {
      near.destroy();
      far.destroy();
    },
  };
}
