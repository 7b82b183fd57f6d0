// A real HAProxy with the lines of docs/operate/haproxy.md, for other ports; it
// connects from an address of its own, as a balancer on another machine would.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { DrivenProcess } from '../support/driven-process.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { firstLinesOf, replaced } from './page.ts';

interface Place {
  readonly host: string;
  readonly port: number;
}

export class HaProxy implements AsyncDisposable {
  /** Where it connects from. */
  static readonly source = '127.0.0.3';
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly #stack: AsyncDisposableStack;

  private constructor(port: number, stack: AsyncDisposableStack) {
    this.port = port;
    this.#stack = stack;
  }

  /** Before the gateway; `send` is how it says the client's address, nothing when empty. */
  static async start(gateway: Place, send: 'send-proxy' | 'send-proxy-v2' | ''): Promise<HaProxy> {
    await using stack = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'simpp-haproxy-'));
    stack.defer(() => rm(folder, { recursive: true }));
    const port = await freePort();
    let lines = await firstLinesOf('haproxy.md', 'From the balancer', 'haproxy');
    lines = replaced(lines, 'bind :5222', `bind 127.0.0.1:${port}`);
    lines = replaced(lines, '192.0.2.10:5222', `${gateway.host}:${gateway.port}`);
    lines = replaced(lines, 'send-proxy-v2', `${send} source ${HaProxy.source}`);
    const file = join(folder, 'haproxy.cfg');
    await writeFile(file, lines);
    const command = ['--pdeathsig', 'TERM', '--', 'haproxy', '-db', '-f', file];
    const child = stack.use(new DrivenProcess('setpriv', command, { name: 'haproxy' }));
    const ended = child.exited.then(({ code }) => {
      throw new Error(`haproxy ended with ${code}:\n${child.errors}`);
    });
    // Awaited below, if it matters.
    ended.catch(() => undefined);
    await Promise.race([ended, eventually('a connection to haproxy', () => isThere(port))]);
    return new HaProxy(port, stack.move());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

function isThere(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
