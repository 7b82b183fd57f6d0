// A client that keeps XEP-0198's books exactly: it numbers what it sends, keeps
// what was not acknowledged, reconnects by itself, resumes, and sends the rest
// again. What it sent, what was acknowledged and what it received is the
// evidence of the kill tests.
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { Leg } from '../../../proxy/leg.ts';
import { serverLimits, type StreamPart } from '../../../shared/xml/scanner.ts';
import { eventually } from './eventually.ts';
import type { Login } from './proxy-side.ts';
import { header } from './raw-client.ts';

interface Sent {
  readonly id: string;
  readonly xml: string;
}

/** The session that the server keeps for this client. */
interface Session {
  readonly id: string;
  /** Stanzas received in it. */
  handled: number;
  /** Stanzas that the other side says it has. */
  acknowledged: number;
}

const retryMs = 50;
const connectTimeoutMs = 20_000;
const sm = `xmlns='urn:xmpp:sm:3'`;

export class ManagedClient implements AsyncDisposable {
  /** Ids of the messages that came, in order, each as often as it came. */
  readonly received: string[] = [];
  /** What the messages that came said, by id; the last one, where an id came again. */
  readonly bodies = new Map<string, string>();
  /** Ids of the messages that came back as errors. */
  readonly bounced: string[] = [];
  /** Ids that were handed to a connection. */
  readonly sent = new Set<string>();
  /** Ids that the other side has acknowledged. */
  readonly acknowledged = new Set<string>();
  /** Ids that were sent once more in a new session, because the old one was gone: those may come twice. */
  readonly repeated = new Set<string>();
  /** How often it resumed its session, and how often it had to begin a new one. */
  readonly counts = { resumed: 0, begun: 0 };
  /** What the other side did against XEP-0198. */
  readonly faults: string[] = [];
  readonly #login: Login;
  readonly #waiting: Sent[] = [];
  #session: Session | undefined;
  #leg: Leg | undefined;
  #isOnline = false;
  #isLeaving = false;
  #running: Promise<void> = Promise.resolve();

  private constructor(login: Login) {
    this.#login = login;
  }

  /** Logs in and stays so, however often the connection is lost, until it is disposed of. */
  static async login(login: Login): Promise<ManagedClient> {
    const client = new ManagedClient(login);
    client.#running = client.#stay();
    await client.online();
    return client;
  }

  /** Waits until it is connected. */
  async online(): Promise<void> {
    await eventually(`${this.#login.jid} online`, () => this.#isOnline, 2 * connectTimeoutMs);
  }

  /** Sends a message, now or as soon as there is a connection. */
  send(to: string, id: string): void {
    const xml = `<message to='${to}' type='chat' id='${id}'><body>${id}</body></message>`;
    this.#waiting.push({ id, xml });
    if (!this.#isOnline) return;
    this.#leg?.write(`${xml}<r ${sm}/>`);
    this.sent.add(id);
  }

  /** Messages that are not acknowledged yet. */
  get unacknowledged(): number {
    return this.#waiting.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isLeaving = true;
    this.#leg?.end('</stream:stream>');
    setTimeout(() => this.#leg?.destroy(), 1000).unref();
    await this.#running;
  }

  async #stay(): Promise<void> {
    while (!this.#isLeaving) {
      // Whatever goes wrong with a connection, the next one is tried: that is what is being tested.
      await this.#connection().catch(() => undefined);
      this.#isOnline = false;
      this.#leg?.destroy();
      await delay(retryMs);
    }
  }

  /** One connection, from its beginning to its end. */
  async #connection(): Promise<void> {
    const { host, port, jid, password } = this.#login;
    const [name = '', domain = ''] = jid.split('@');
    const socket = connect({ host, port, noDelay: true });
    await once(socket, 'connect');
    const leg = new Leg(socket, serverLimits);
    this.#leg = leg;
    const timer = setTimeout(() => leg.destroy(), connectTimeoutMs);
    try {
      leg.write(header(domain));
      await hear(leg, '<stream:features');
      const response = Buffer.from(`\0${name}\0${password}`).toString('base64');
      leg.write(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${response}</auth>`);
      await hear(leg, '<success');
      leg.restart();
      leg.write(header(domain));
      await hear(leg, '<stream:features');
      const session = (await this.#resume(leg)) ?? (await this.#begin(leg));
      this.#session = session;
      this.#isOnline = true;
      for (const { id, xml } of this.#waiting) {
        leg.write(xml);
        this.sent.add(id);
      }
      leg.write(`<r ${sm}/>`);
      clearTimeout(timer);
      for (let part = await leg.read(); part !== undefined; part = await leg.read()) this.#take(leg, session, part);
    } finally {
      clearTimeout(timer);
    }
  }

  async #resume(leg: Leg): Promise<Session | undefined> {
    const session = this.#session;
    if (session === undefined) return undefined;
    leg.write(`<resume ${sm} previd='${session.id}' h='${session.handled}'/>`);
    const answer = await hear(leg, '<resumed', '<failed');
    const handled = attribute(answer, 'h');
    if (handled !== undefined) this.#acknowledge(session, Number(handled));
    if (answer.startsWith('<failed')) {
      this.#session = undefined;
      return undefined;
    }
    this.counts.resumed++;
    return session;
  }

  async #begin(leg: Leg): Promise<Session> {
    leg.write(`<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>`);
    await hear(leg, '<iq');
    leg.write(`<enable ${sm} resume='true'/>`);
    const id = attribute(await hear(leg, '<enabled'), 'id');
    if (id === undefined) throw new Error('the session cannot be resumed');
    // The presence goes first in a new session; it is counted and acknowledged, but is no message.
    const messages = this.#waiting.filter(({ id: of }) => of !== '');
    for (const sent of messages) this.repeated.add(sent.id);
    this.#waiting.splice(0, this.#waiting.length, { id: '', xml: '<presence/>' }, ...messages);
    this.counts.begun++;
    return { id, handled: 0, acknowledged: 0 };
  }

  #take(leg: Leg, session: Session, part: StreamPart): void {
    if (part.kind === 'footer') leg.end('</stream:stream>');
    if (part.kind !== 'element') return;
    const text = textOf(part);
    if (text.startsWith('<r ')) leg.write(`<a ${sm} h='${session.handled}'/>`);
    else if (text.startsWith('<a ')) this.#acknowledge(session, Number(attribute(text, 'h')));
    else if (/^<(?:message|presence|iq)\b/.test(text)) {
      session.handled++;
      const id = attribute(text, 'id') ?? '';
      if (/^<message\b[^>]*type=['"]error/.test(text)) {
        this.bounced.push(id);
        return;
      }
      const body = /<body(?: [^>]*)?>([^<]*)/.exec(text)?.[1];
      if (body === undefined) return;
      this.received.push(id);
      this.bodies.set(id, body);
    }
  }

  #acknowledge(session: Session, handled: number): void {
    for (; session.acknowledged < handled; session.acknowledged++) {
      const sent = this.#waiting.shift();
      if (sent === undefined) {
        this.faults.push(`${handled} acknowledged, but only ${session.acknowledged} were sent`);
        return;
      }
      if (sent.id !== '') this.acknowledged.add(sent.id);
    }
  }
}

/** The next element that begins in one of these ways; others that come before it are of no interest. */
async function hear(leg: Leg, ...starts: readonly string[]): Promise<string> {
  for (;;) {
    const part = await leg.read();
    if (part === undefined || part.kind === 'footer') throw new Error(`the connection ended before ${starts.join()}`);
    const text = textOf(part);
    if (starts.some((start) => text.startsWith(start))) return text;
    if (text.startsWith('<failure') || text.startsWith('<stream:error')) throw new Error(text);
  }
}

function textOf(part: StreamPart): string {
  return Buffer.from(part.bytes).toString('utf8');
}

function attribute(element: string, name: string): string | undefined {
  return new RegExp(`^<[^>]* ${name}=["']([^"']*)["']`).exec(element)?.[1];
}
