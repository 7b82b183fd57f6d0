// A real server behind somebody who passes everything on until the server says
// a certain thing: in its place the client of the server gets something else.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

interface Place {
  readonly host: string;
  readonly port: number;
}

/** What comes instead, and whether the connection then ends. */
export interface Breakage {
  readonly at: string;
  /** Which occurrence, counted from 1. */
  readonly occurrence: number;
  readonly instead: string;
  readonly hangsUp: boolean;
}

export class BreakingServer implements AsyncDisposable {
  readonly host = '127.0.0.1';
  /** For connections from now on; without one everything passes. */
  breakage: Breakage | undefined;
  readonly #sockets = new Set<Socket>();
  readonly #listener = createServer((client) => this.#join(client));
  readonly #server: Place;

  private constructor(server: Place) {
    this.#server = server;
  }

  static async before(server: Place): Promise<BreakingServer> {
    const breaking = new BreakingServer(server);
    breaking.#listener.listen(0, breaking.host);
    await once(breaking.#listener, 'listening');
    return breaking;
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port; // as: a TCP server's address
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#listener.close();
    await once(this.#listener, 'close');
  }

  #join(client: Socket): void {
    const { breakage } = this;
    const server = connect(this.#server);
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
    }
    client.pipe(server);
    server.on('end', () => client.end());
    let said = '';
    let passed = 0;
    server.setEncoding('latin1').on('data', (chunk: string) => {
      said += chunk;
      const at = breakage === undefined ? -1 : place(said, breakage);
      const upTo = at < 0 ? said.length : at;
      client.write(said.slice(passed, upTo), 'latin1');
      passed = upTo;
      if (breakage === undefined || at < 0) return;
      server.removeAllListeners('data').resume();
      client.write(breakage.instead, 'latin1');
      if (breakage.hangsUp) client.end();
    });
  }
}

/** Where the occurrence begins; negative when it has not come. */
function place(said: string, { at, occurrence }: Breakage): number {
  let found = -1;
  for (let count = 0; count < occurrence; count++) {
    found = said.indexOf(at, found + 1);
    if (found < 0) return -1;
  }
  return found;
}
