// Full mutual TLS 1.3 handshakes through node:tls, over a pair of streams in memory.
import { once } from 'node:events';
import { duplexPair, type Duplex } from 'node:stream';
import { connect, createSecureContext, createServer, TLSSocket, type SecureContext, type Server } from 'node:tls';

import { serverName, type TlsCredentials } from './tls-credentials.ts';

/** Key exchanges that are compared. */
export const tlsGroups = ['P-256', 'SecP256r1MLKEM768', 'X25519MLKEM768'] as const;

export type TlsGroup = (typeof tlsGroups)[number];

/** Names by which OpenSSL reports the group that was used. */
const reported: Readonly<Record<TlsGroup, string>> = {
  'P-256': 'prime256v1',
  SecP256r1MLKEM768: 'SecP256r1MLKEM768',
  X25519MLKEM768: 'X25519MLKEM768',
};

/** Both ends of an established connection. */
export interface TlsPair {
  readonly client: TLSSocket;
  readonly server: TLSSocket;
}

/** A TLS server and what its client needs, made ready once. */
export class TlsPeers {
  readonly #server: Server;
  readonly #client: SecureContext;

  constructor({ server, client }: TlsCredentials, group: TlsGroup) {
    this.#server = createServer({ ...server, ecdhCurve: group, requestCert: true, rejectUnauthorized: true });
    this.#client = createSecureContext({ ...client, ecdhCurve: group });
  }

  /** Peers whose connections were checked to be what is to be measured; undefined when this OpenSSL lacks the group. */
  static async checked(credentials: TlsCredentials, group: TlsGroup): Promise<TlsPeers | undefined> {
    let peers: TlsPeers;
    try {
      peers = new TlsPeers(credentials, group);
    } catch {
      return undefined;
    }
    const { client, server } = await peers.connect();
    const used = client.getEphemeralKeyInfo();
    const name = used !== null && 'name' in used ? used.name : undefined;
    const full = !client.isSessionReused() && !server.isSessionReused();
    if (!client.authorized || !server.authorized || !full || name !== reported[group]) {
      throw new Error(`not a full mutual handshake on ${group}: ${JSON.stringify(used)}`);
    }
    client.destroy();
    server.destroy();
    return peers;
  }

  /** A full handshake over two ends of one stream. */
  async connect([near, far]: readonly [Duplex, Duplex] = duplexPair()): Promise<TlsPair> {
    const accepted = once(this.#server, 'secureConnection');
    this.#server.emit('connection', far);
    const client = connect({ socket: near, secureContext: this.#client, servername: serverName });
    const [[server]] = await Promise.all([accepted, once(client, 'secureConnect')]);
    if (!(server instanceof TLSSocket)) throw new TypeError('a TLS server gives TLS sockets');
    return { client, server };
  }

  /** So many full handshakes, each begun when the one before was done. */
  async handshakes(count: number): Promise<void> {
    for (let handshake = 0; handshake < count; handshake++) {
      const { client, server } = await this.connect();
      client.destroy();
      server.destroy();
    }
  }
}
