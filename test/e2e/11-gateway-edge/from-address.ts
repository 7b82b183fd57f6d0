// Clients that come from another address of this machine: what they say is
// joined to a connection that is made from there.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

interface Place {
  readonly host: string;
  readonly port: number;
}

/** A place that leads to another, from the given address. */
export async function fromAddress(localAddress: string, to: Place): Promise<Place & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const listener = createServer((client) => {
    const onward = connect({ ...to, localAddress });
    for (const socket of [client, onward]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    client.pipe(onward).pipe(client);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    host: '127.0.0.1',
    port: (listener.address() as AddressInfo).port, // as: a TCP server's address
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
}
