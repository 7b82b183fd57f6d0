// A person's engine on a machine of its own: real keys, a real database in a
// temporary folder, and one client, all within this process. What passes is
// handed from hand to hand by the test, so that nothing has to be waited for.
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { unharmed } from '../../../../proxy/endtoend/crash-points.ts';
import type { Policy } from '../../../../proxy/endtoend/desk.ts';
import { ownIdPrefix } from '../../../../proxy/endtoend/own-id.ts';
import { Person } from '../../../../proxy/endtoend/person.ts';
import { IdentityKeeper } from '../../../../proxy/identity/keeper.ts';
import { keystoreKey } from '../../../../proxy/keystore/key.ts';
import { silentLog, type LogFields } from '../../../../proxy/log.ts';
import type { Claim, News } from '../../../../proxy/stages/errand.ts';
import { AccountStore } from '../../../../proxy/store/accounts.ts';
import type { EndToEndStore } from '../../../../proxy/store/endtoend/store.ts';
import { EndToEndStores } from '../../../../proxy/store/endtoend/stores.ts';
import { utf8 } from '../../../../shared/bytes.ts';
import { systemEntropy } from '../../../../shared/simpp/entropy.ts';
import type { Bindings } from '../../../../shared/xml/tag.ts';
import { element, escapeText } from '../../../../shared/xml/write.ts';
import { ns } from '../../../../shared/xmpp/namespaces.ts';
import { stanzaHead } from '../../../../shared/xmpp/stanza.ts';
import { quickScrypt } from '../../identity/quick-scrypt.ts';
import { crypto } from '../publishing-person.ts';
import type { Carrier } from './carrier.ts';

const scope: Bindings = new Map([['', ns.client]]);
const entropy = systemEntropy(crypto);

/** Handed to everybody: a test turns it on. */
export class Clock {
  ms = Date.now();
  readonly now = (): number => this.ms;
}

export interface MachineOptions {
  readonly jid: string;
  readonly folder: string;
  readonly carrier: Carrier;
  readonly clock: Clock;
  readonly policy?: Policy;
}

/** What became of one stanza. */
export interface Became {
  /** For the server. */
  readonly up: readonly string[];
  /** For the client. */
  readonly down: readonly string[];
}

export class Machine implements Disposable {
  readonly jid: string;
  readonly person: Person;
  readonly store: EndToEndStore;
  readonly identities: IdentityKeeper;
  /** Messages that the engine has sent by itself. */
  readonly sent: string[] = [];
  /** What the virtual contact has said unasked. */
  readonly told: string[] = [];
  /** Events that an operator would see. */
  readonly logged: { readonly event: string; readonly fields: LogFields | undefined }[] = [];
  readonly #accounts: AccountStore;
  readonly #stores: EndToEndStores;
  readonly #waiting = new Map<number, PromiseWithResolvers<Became>>();
  readonly #became = new Map<number, Became>();
  readonly #ready = Promise.withResolvers<void>();
  #ticket = 0;

  private constructor({ jid, folder, carrier, clock, policy = 'prefer' }: MachineOptions) {
    this.jid = jid;
    const path = join(folder, randomBytes(6).toString('hex'));
    mkdirSync(path);
    const key = keystoreKey(new Uint8Array(randomBytes(32)));
    this.#accounts = AccountStore.open(join(path, 'proxy.db'), key);
    this.#stores = EndToEndStores.open(join(path, 'endtoend.db'), key);
    const seconds = (): number => Math.floor(clock.ms / 1000);
    const identities = new IdentityKeeper({
      store: this.#accounts,
      crypto,
      entropy,
      now: seconds,
      scrypt: quickScrypt,
    });
    this.identities = identities;
    this.store = this.#stores.account(jid);
    const note = (event: string, fields?: LogFields): void => void this.logged.push({ event, fields });
    this.person = new Person({
      jid,
      crypto,
      entropy,
      identities,
      store: this.store,
      log: { ...silentLog, info: note, warn: note, error: note },
      now: clock.now,
      reached: unharmed,
      version: '0',
      gateway: carrier.directoryOf(jid),
      defaultPolicy: () => policy,
    });
  }

  /** Opens it; its client is connected, its keys are published or wait for approval. */
  static async open(options: MachineOptions): Promise<Machine> {
    const accounts = new Machine(options);
    await accounts.identities.open(options.jid);
    await accounts.#connect();
    return accounts;
  }

  get deviceId(): string {
    return Buffer.from(this.identities.find(this.jid)!.deviceId).toString('hex');
  }

  /** What its client writes; what the server gets, and the client back. */
  write(to: string, body: string, id = `id-${++this.#ticket}`): Promise<Became> {
    const xml = element('message', { xmlns: ns.client, type: 'chat', to, id }, element('body', {}, escapeText(body)));
    return this.#claim('seal', xml);
  }

  writeRaw(xml: string): Promise<Became> {
    return this.#claim('seal', xml);
  }

  /** What comes from the server; what its client gets of it. */
  async receive(xml: string, isAskedFor = false): Promise<readonly string[]> {
    return (await this.#claim('open', xml, isAskedFor)).down;
  }

  /** The engine has done all that it had begun. */
  async settled(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await new Promise<void>((resolve) => void setImmediate(resolve));
  }

  [Symbol.dispose](): void {
    this.person.stop();
    this.#stores.close();
    this.#accounts.close();
  }

  async #connect(): Promise<void> {
    this.person.bound(`${this.jid}/client`, 'en', true, this.#tell);
    await this.#ready.promise;
    await this.settled();
  }

  #hear(news: News): void {
    switch (news.kind) {
      case 'ready':
        this.#ready.resolve();
        break;
      case 'done':
        this.#became.set(news.ticket, { up: news.up.map(text), down: news.down.map(text) });
        if (news.isDurable) this.#finish(news.ticket);
        break;
      case 'durable':
        this.#finish(news.ticket);
        break;
      case 'send':
        this.#serve(news.stanza);
        break;
      case 'show':
        this.told.push(text(news.stanza));
        break;
      case 'failed':
        for (const waiting of this.#waiting.values()) waiting.reject(news.error);
        this.#waiting.clear();
        break;
    }
  }

  #finish(ticket: number): void {
    this.#waiting.get(ticket)?.resolve(this.#became.get(ticket)!);
    this.#waiting.delete(ticket);
    this.#became.delete(ticket);
  }

  /** A server without PEP: what people publish is in the carrier's directory only. */
  #serve(stanza: Uint8Array): void {
    const { local, id, to } = stanzaHead(stanza, scope);
    if (local === 'message') {
      this.sent.push(text(stanza));
      return;
    }
    if (id?.startsWith(ownIdPrefix) !== true) throw new Error('the engine asks with an id that anybody could use');
    const from = to === undefined ? '' : ` from='${to}'`;
    const error = `<error type='cancel'><item-not-found xmlns='${ns.stanzaErrors}'/></error>`;
    const answer = utf8(`<iq type='error' id='${id}'${from}>${error}</iq>`);
    queueMicrotask(() => this.person.answered({ kind: 'answered', stanza: answer, scope }));
  }

  #claim(claim: Claim, xml: string, isAskedFor = false): Promise<Became> {
    const ticket = ++this.#ticket;
    const waiting = Promise.withResolvers<Became>();
    this.#waiting.set(ticket, waiting);
    const errand = { kind: 'claimed', claim, ticket, stanza: utf8(xml), scope, isAskedFor } as const;
    this.person.claimed(errand, this.#tell);
    return waiting.promise;
  }

  readonly #tell = (news: News): void => this.#hear(news);
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
