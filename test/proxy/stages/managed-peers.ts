// A server and two clients as XEP-0198 describes them, with connections that can
// be lost, for the tests of what stands between them.
import { utf8 } from '../../../shared/bytes.ts';
import { parseElement } from '../../../shared/xml/parse.ts';
import { ns } from '../../../shared/xmpp/namespaces.ts';
import type { Bindings } from '../../../shared/xml/tag.ts';
import type { ManagedRow } from './managed-row.ts';

const sm = `xmlns='urn:xmpp:sm:3'`;
const modulus = 2 ** 32;
const scope: Bindings = new Map([['', ns.client]]);

/** Name and attributes of an element. */
function read(xml: string): { readonly name: string; readonly attrs: Readonly<Record<string, string>> } {
  const { name, attrs } = parseElement(utf8(xml), scope);
  return { name, attrs };
}

const isStanza = (xml: string): boolean => /^<(?:message|presence|iq)\b/.test(xml);

export class ManagedServer {
  /** Ids of the stanzas that it has handled, in order. */
  readonly handled: string[] = [];
  /** What it was told that the client has: never more than that may be gone from its queue. */
  readonly acknowledged: string[] = [];
  readonly sent: string[] = [];
  #row: ManagedRow;
  /** Bytes on their way to it. */
  #arriving: string[] = [];
  #leaving: string[] = [];
  #unacknowledged: string[] = [];
  #isManaged = false;
  #h = 0;
  #acknowledgedH = 0;

  constructor(row: ManagedRow) {
    this.#row = row;
    row.from('server', `<stream:features><sm ${sm}/></stream:features>`);
    row.taken('client');
  }

  /** A session that goes on, of which both sides have counted this much. */
  goOn(h: number): void {
    this.#isManaged = true;
    this.#h = h;
    this.#acknowledgedH = h;
    this.#row.from('client', `<resume ${sm} previd='s' h='${h}'/>`);
    this.#row.taken('server');
    this.#row.from('server', `<resumed ${sm} previd='s' h='${h}'/>`);
    this.#row.taken('client');
  }

  send(id: string): void {
    const xml = `<message id='${id}'/>`;
    this.sent.push(id);
    if (this.#isManaged) this.#unacknowledged.push(xml);
    this.#leaving.push(xml);
  }

  ask(): void {
    if (this.#isManaged) this.#leaving.push(`<r ${sm}/>`);
  }

  /** Handles some of what has been sent to it. */
  handle(count: number): void {
    this.#arriving.push(...this.#row.taken('server'));
    for (const xml of this.#arriving.splice(0, count)) this.#handle(xml);
  }

  /** Some of what it has sent arrives. */
  deliver(count: number): void {
    for (const xml of this.#leaving.splice(0, count)) this.#row.from('server', xml);
  }

  /** The connection is lost with all that was on its way. */
  lose(): void {
    this.#arriving = [];
    this.#leaving = [];
    this.#row.loseServer();
  }

  /** Another connection resumes the session. */
  resume(): void {
    const { request } = this.#row;
    if (request === undefined) return;
    this.#acknowledge(request.h);
    this.#leaving = [...this.#unacknowledged];
    this.#row.resume(this.#h);
  }

  get isIdle(): boolean {
    return this.#arriving.length === 0 && this.#leaving.length === 0 && this.#row.out.server.length === 0;
  }

  #handle(xml: string): void {
    const { name, attrs } = read(xml);
    if (isStanza(xml)) {
      this.handled.push(attrs['id'] ?? '');
      if (this.#isManaged) this.#h = (this.#h + 1) % modulus;
    } else if (name === 'enable') {
      this.#isManaged = true;
      this.#leaving.push(`<enabled ${sm} id='s' resume='true' max='600'/>`);
    } else if (name === 'r') this.#leaving.push(`<a ${sm} h='${this.#h}'/>`);
    else if (name === 'a') this.#acknowledge(Number(attrs['h']));
  }

  #acknowledge(h: number): void {
    const count = (h - this.#acknowledgedH + modulus) % modulus;
    if (count > this.#unacknowledged.length)
      throw new Error(`${count} acknowledged, ${this.#unacknowledged.length} sent`);
    this.#acknowledgedH = h;
    this.acknowledged.push(...this.#unacknowledged.splice(0, count).map((xml) => read(xml).attrs['id'] ?? ''));
  }
}

export class ModelClient {
  readonly sent: string[] = [];
  /** In the order in which it got them. */
  readonly received: string[] = [];
  /** Of its own, those that it was told are with the server. */
  readonly acknowledged: string[] = [];
  readonly returned: string[] = [];
  readonly #row: ManagedRow;
  readonly #isManaged: boolean;
  #arriving: string[] = [];
  #h = 0;
  #firstH = 0;

  constructor(row: ManagedRow, isManaged: boolean, h = 0) {
    this.#row = row;
    this.#isManaged = isManaged;
    this.#h = h;
    this.#firstH = h;
  }

  send(id: string): void {
    if (this.#row.isClientHeld) return;
    this.sent.push(id);
    this.#row.from('client', `<message id='${id}'/>`);
  }

  ask(): void {
    if (this.#isManaged) this.#row.from('client', `<r ${sm}/>`);
  }

  answer(): void {
    if (this.#isManaged) this.#row.from('client', `<a ${sm} h='${this.#h}'/>`);
  }

  /** Takes some of what has been sent to it. */
  take(count: number): void {
    this.#arriving.push(...this.#row.taken('client'));
    for (const xml of this.#arriving.splice(0, count)) this.#take(xml);
  }

  get isIdle(): boolean {
    return this.#arriving.length === 0 && this.#row.out.client.length === 0;
  }

  #take(xml: string): void {
    const { name, attrs } = read(xml);
    if (isStanza(xml)) {
      (attrs['type'] === 'error' ? this.returned : this.received).push(attrs['id'] ?? '');
      this.#h = (this.#h + 1) % modulus;
    } else if (!this.#isManaged) throw new Error(`a client without stream management got ${xml}`);
    else if (name === 'r') this.answer();
    else if (name === 'a') {
      const count = (Number(attrs['h']) - this.#firstH + modulus) % modulus;
      this.acknowledged.splice(0, Infinity, ...this.sent.slice(0, count));
    }
  }
}
