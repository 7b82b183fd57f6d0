// One client of a case: writes what the script says, records every top-level
// element that it receives, in order, and how its stream and connection ended.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import { matchNode, readPattern, type Captures } from './pattern.ts';
import { isSaslSuccess, XmlStreamReader, type XmlNode } from './xml-stream.ts';

export type Received =
  | { readonly kind: 'header' | 'element'; readonly node: XmlNode; readonly isLoggedIn: boolean }
  | { readonly kind: 'connected' | 'footer' | 'ended' }
  /** What is no XML is evidence too. */
  | { readonly kind: 'broken'; readonly why: string };

const bound = readPattern(
  `<iq type='result'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>{jid}</jid></bind></iq>`,
);
const patienceMs = 20_000;

export class RecordedClient {
  readonly received: Received[] = [];
  /** The address that was bound last. */
  jid: string | undefined;
  /** It has a session: what is asked of the server is answered. */
  isOnline = false;
  #isLoggedIn = false;
  readonly #place: { readonly host: string; readonly port: number };
  readonly #claimed = new Set<Received>();
  #socket: Socket | undefined;
  #reader = new XmlStreamReader();
  #wake: () => void = () => undefined;

  constructor(place: { readonly host: string; readonly port: number }) {
    this.#place = place;
  }

  get isConnected(): boolean {
    return this.#socket !== undefined;
  }

  async connect(): Promise<void> {
    if (this.#socket) throw new Error('it is connected already');
    const socket = connect({ ...this.#place, allowHalfOpen: true });
    await once(socket, 'connect');
    this.#socket = socket;
    this.#reader = new XmlStreamReader();
    this.#isLoggedIn = false;
    this.isOnline = false;
    this.#record({ kind: 'connected' });
    const decoder = new TextDecoder('utf-8', { fatal: true });
    socket.on('data', (chunk: Buffer) => this.#read(socket, decoder.decode(chunk, { stream: true })));
    // An end and a reset look the same here: which of the two a dying server's system sends is chance.
    const over = (): void => this.#over(socket);
    socket.on('end', over).on('close', over).on('error', over);
  }

  write(text: string): void {
    this.#socket?.write(text);
  }

  /** Ends its own direction only. */
  end(): void {
    this.#socket?.end();
  }

  /** Vanishes, without a word. */
  drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.removeAllListeners().on('error', () => undefined);
    socket?.resetAndDestroy();
  }

  /** Waits until an element of this pattern came, or the end. */
  async hearOrEnd(pattern: XmlNode, known: Captures): Promise<void> {
    await this.#wait(() => {
      const came = this.received.some((each) => 'node' in each && matchNode(pattern, each.node, known) !== undefined);
      return came || !this.isConnected || undefined;
    });
  }

  /** Waits for an element of one of these patterns that no earlier wait has taken. */
  async hear(
    patterns: readonly XmlNode[],
    known: Captures,
  ): Promise<{ readonly node: XmlNode; readonly captures: Captures }> {
    return await this.#wait(() => {
      for (const each of this.received) {
        if ((each.kind !== 'element' && each.kind !== 'header') || this.#claimed.has(each)) continue;
        const { node } = each;
        const captures = patterns.map((pattern) => matchNode(pattern, node, known)).find((found) => found);
        if (captures === undefined) continue;
        this.#claimed.add(each);
        return { node, captures };
      }
      if (!this.isConnected) throw new Error('the connection ended before it came');
      return undefined;
    });
  }

  /** Waits for `</stream:stream>` or the end of the connection, by now or later. */
  async hearLast(kind: 'footer' | 'ended'): Promise<void> {
    await this.#wait(() => {
      const connection = this.received.slice(this.received.findLastIndex((each) => each.kind === 'connected'));
      return connection.some((each) => each.kind === kind) || undefined;
    });
  }

  async #wait<Value>(look: () => Value | undefined): Promise<Value> {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      const timer = setTimeout(resolve, deadline - Date.now());
      await promise;
      clearTimeout(timer);
      if (Date.now() >= deadline) throw new Error(`it did not come within ${patienceMs} ms`);
    }
  }

  #read(socket: Socket, text: string): void {
    if (socket !== this.#socket) return;
    try {
      for (const event of this.#reader.push(text)) {
        this.#record(event.kind === 'footer' ? event : { ...event, isLoggedIn: this.#isLoggedIn });
        if (event.kind === 'element') this.#learn(event.node);
      }
    } catch (error) {
      this.#record({ kind: 'broken', why: String(error) });
      socket.destroy();
    }
  }

  #learn(node: XmlNode): void {
    if (isSaslSuccess(node)) this.#isLoggedIn = true;
    if (node.local === 'resumed') this.isOnline = true;
    const jid = matchNode(bound, node, new Map())?.get('jid');
    if (jid === undefined) return;
    this.jid = jid;
    this.isOnline = true;
  }

  #over(socket: Socket): void {
    if (socket !== this.#socket) return;
    this.#socket = undefined;
    socket.destroy();
    this.#record({ kind: 'ended' });
  }

  #record(event: Received): void {
    this.received.push(event);
    this.#wake();
  }
}
