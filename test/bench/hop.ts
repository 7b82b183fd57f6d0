// One hop of a byte pipe, the reference for what two processes in the path cost
// without any XMPP: listens, connects on for each connection, passes bytes both
// ways. Its choices come as one line of JSON on stdin, its port goes to stdout.
import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import tls, { type SecureContextOptions } from 'node:tls';

import { serverName } from './tls-credentials.ts';

export interface HopChoices {
  /** Where it connects to, on loopback. */
  readonly port: number;
  /** TLS on the side that it listens on. */
  readonly server?: SecureContextOptions;
  /** TLS on the side that it connects to. */
  readonly client?: SecureContextOptions;
}

async function hop({ port, server, client }: HopChoices): Promise<void> {
  const to = { host: '127.0.0.1', port, noDelay: true };
  const join = (near: Socket): void => {
    const far = client === undefined ? net.connect(to) : tls.connect({ ...to, ...client, servername: serverName });
    near.setNoDelay(true).pipe(far).pipe(near);
    for (const side of [near, far]) side.on('error', () => undefined); // 'close' follows
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  };
  const listener = server === undefined ? net.createServer(join) : tls.createServer(server, join);
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port: own } = listener.address() as AddressInfo; // it listens on TCP
  process.stdout.write(`${own}\n`);
}

const [choices] = await once(createInterface({ input: process.stdin }), 'line');
await hop(JSON.parse(choices));
