// Somebody with a certificate for the domain from an authority that the person
// trusts: ends TLS from the first byte, begins it anew towards the server, and
// may change what the server says.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';

import type { Certificate } from '../support/certs.ts';

interface Place {
  readonly host: string;
  readonly port: number;
}

export interface ManInTheMiddle extends Place, AsyncDisposable {
  /** All that the client said, in clear. */
  readonly heard: () => string;
}

/** Stands before a server with direct TLS; `change` is done to each chunk that the server sends. */
export async function manInTheMiddle(
  server: Place,
  certificate: Certificate,
  change: (chunk: string) => string = (chunk) => chunk,
): Promise<ManInTheMiddle> {
  const sockets = new Set<TLSSocket>();
  let heard = '';
  const keep = (socket: TLSSocket): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).setEncoding('latin1');
  };
  const [cert, key] = await Promise.all([readFile(certificate.certFile), readFile(certificate.keyFile)]);
  const listener = createServer({ cert, key, ALPNProtocols: ['xmpp-client'] }, (victim) => {
    const { host, port } = server;
    const onward = connect({ host, port, servername: String(victim.servername), rejectUnauthorized: false });
    keep(victim);
    keep(onward);
    victim.on('data', (chunk: string) => {
      heard += chunk;
      onward.write(chunk, 'latin1');
    });
    onward.on('data', (chunk: string) => victim.write(change(chunk), 'latin1'));
    victim.on('close', () => onward.end());
    onward.on('close', () => victim.end());
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    host: '127.0.0.1',
    port: (listener.address() as AddressInfo).port, // as: a TCP server's address
    heard: () => heard,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
}
