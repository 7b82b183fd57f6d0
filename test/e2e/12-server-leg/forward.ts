// The same server at another address of this machine.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

interface Place {
  readonly host: string;
  readonly port: number;
}

/** Takes connections at this address and joins them to the server. */
export async function forward(address: string, server: Place): Promise<Place & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const listener = createServer((client) => {
    const onward = connect(server);
    for (const socket of [client, onward]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    client.pipe(onward).pipe(client);
  });
  listener.listen(0, address);
  await once(listener, 'listening');
  return {
    host: address,
    port: (listener.address() as AddressInfo).port, // as: a TCP server's address
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
}
