// A TLS handshake in memory: what a client gets that asks for a name and trusts some authorities.
import type { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { connect } from 'node:tls';
import { authoritiesPem } from '../../../proxy/ca/published.ts';
import type { PublicAuthority } from '../../../proxy/ca/authority.ts';
import { takeTls, type ContextFor } from '../../../proxy/client/security.ts';

export interface HandshakeClient {
  /** SNI, and the name that is checked; `host` alone is checked without asking for it. */
  readonly servername?: string;
  readonly host?: string;
  readonly trusts: readonly PublicAuthority[];
}

/** The server's certificate; throws what the client says when it does not accept it. */
export async function handshake(
  contextFor: ContextFor,
  { servername = '', host, trusts }: HandshakeClient,
): Promise<X509Certificate> {
  const [near, far] = duplexPair();
  const server = takeTls(near, contextFor, 'tls');
  server.on('error', () => undefined);
  const ca = authoritiesPem(trusts);
  const client = connect({ socket: far, servername, ...(host === undefined ? {} : { host }), ca });
  try {
    await once(client, 'secureConnect');
    return client.getPeerX509Certificate()!;
  } finally {
    client.destroy();
    server.destroy();
  }
}
