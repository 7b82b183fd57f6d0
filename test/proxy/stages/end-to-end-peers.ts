// A server that keeps its session for a client that vanishes and comes back
// (XEP-0198 §5), that client, and an engine that takes its time: for the tests
// of the stage between them.
import { fromUtf8, utf8 } from '../../../shared/bytes.ts';
import type { Bindings } from '../../../shared/xml/tag.ts';
import { noBindings } from '../../../shared/xml/tag.ts';
import { ns } from '../../../shared/xmpp/namespaces.ts';
import { stanzaHead } from '../../../shared/xmpp/stanza.ts';
import { readSm } from '../../../shared/xmpp/stream-management.ts';
import { endToEndStage } from '../../../proxy/stages/end-to-end.ts';
import type { Errand, News, RunErrand, Tell } from '../../../proxy/stages/errand.ts';
import type { Translation } from '../../../proxy/stages/translation.ts';
import { ManagedRow } from './managed-row.ts';

const sm = `xmlns='urn:xmpp:sm:3'`;
const scope: Bindings = new Map([...noBindings, ['', ns.client], ['stream', ns.streams]]);
export const ownIdPrefix = 'own-';
export const jid = 'me@here/r';

export const headOf = (xml: string) => stanzaHead(utf8(xml), scope);
const smOf = (xml: string) => readSm(utf8(xml), scope);
const isStanza = (xml: string): boolean => /^<(?:message|presence|iq)\b/.test(xml);

type Claimed = Extract<Errand, { kind: 'claimed' }>;

/** Runs errands when it is told to. */
export class ScriptedEngine {
  readonly errands: Errand[] = [];
  readonly claimed: Claimed[] = [];
  isReadyAtOnce = true;
  /** Says at once what becomes of a claimed stanza; undefined: later. */
  atOnce: (errand: Claimed) => Omit<Extract<News, { kind: 'done' }>, 'kind' | 'ticket'> | undefined = () => undefined;
  #tell: Tell = () => undefined;

  readonly run: RunErrand = (errand, tell) => {
    this.errands.push(errand);
    this.#tell = tell;
    if (errand.kind === 'bound' && this.isReadyAtOnce) tell({ kind: 'ready' });
    if (errand.kind !== 'claimed') return;
    const outcome = this.atOnce(errand);
    if (outcome === undefined) this.claimed.push(errand);
    else tell({ kind: 'done', ticket: errand.ticket, ...outcome });
  };

  tell(news: News): void {
    this.#tell(news);
  }

  /** Says what became of a claimed stanza: these, in its place and back. */
  done({ ticket, claim }: Claimed, on: readonly string[], back: readonly string[] = [], isDurable = true): void {
    const [there, here] = [on.map(utf8), back.map(utf8)];
    const isUp = claim === 'seal' || claim === 'command';
    this.#tell({ kind: 'done', ticket, up: isUp ? there : here, down: isUp ? here : there, isDurable });
  }

  /** What it has been asked about and has not said, as written. */
  get open(): readonly string[] {
    return this.claimed.map(({ stanza }) => fromUtf8(stanza));
  }
}

/** A stage between the two ends of stream management, with what earlier streams left. */
export function endToEndRow(
  engine: ScriptedEngine,
  left: ReadonlyMap<string, Translation> = new Map(),
  isOwn = true,
): ManagedRow {
  const stage = endToEndStage({ ownIdPrefix, recall: (id) => left.get(id) });
  const row = new ManagedRow({ between: [stage], errand: engine.run, isOwn });
  row.from('server', `<stream:features><sm ${sm}/></stream:features>`);
  row.taken('client');
  return row;
}

/** The server’s word who the client is, as the bind stage passes it on. */
export function bindTo(row: ManagedRow, isAnonymous = false): void {
  row.hear('server', { kind: 'bound', jid, isAnonymous });
}

/** One end of a managed session, which outlives its connections. */
export class SessionPeer {
  readonly sent: string[] = [];
  /** Stanzas that it has handled, as written. */
  readonly handled: string[] = [];
  /** How many of its own it was told have arrived. */
  acknowledged = 0;
  row: ManagedRow;
  readonly #side: 'client' | 'server';
  #arriving: string[] = [];
  #leaving: string[] = [];

  constructor(side: 'client' | 'server', row: ManagedRow) {
    this.#side = side;
    this.row = row;
  }

  send(xml: string): void {
    this.sent.push(xml);
    this.#leaving.push(xml);
  }

  say(xml: string): void {
    this.#leaving.push(xml);
  }

  get h(): number {
    return this.handled.length;
  }

  get isIdle(): boolean {
    return this.#arriving.length === 0 && this.#leaving.length === 0 && this.row.out[this.#side].length === 0;
  }

  /** A server whose session waits for its client. */
  isDetached = false;
  /** Whether it has read the answer to its last `<resume/>`. */
  hasResumed = true;

  /** Some of what it says reaches the proxy. */
  deliver(count: number): void {
    if (this.isDetached) return;
    for (const xml of this.#leaving.splice(0, count)) this.row.from(this.#side, xml);
  }

  /** Takes some of what was sent to it. */
  take(count: number): void {
    this.#arriving.push(...this.row.taken(this.#side));
    for (const xml of this.#arriving.splice(0, count)) this.#take(xml);
  }

  /** What is on its way is lost. */
  lose(): void {
    this.#arriving = [];
    this.#leaving = [];
  }

  /** The other side has this many: what is beyond goes out again. */
  goOn(h: number): void {
    this.acknowledge(h);
    this.#leaving = [...this.#leaving.filter((xml) => !isStanza(xml)), ...this.sent.slice(h)];
  }

  acknowledge(h: number): void {
    if (h < this.acknowledged || h > this.sent.length) {
      throw new Error(`${this.#side}: ${h} acknowledged, after ${this.acknowledged}, of ${this.sent.length}`);
    }
    this.acknowledged = h;
  }

  #take(xml: string): void {
    if (isStanza(xml)) return void this.handled.push(xml);
    const element = smOf(xml);
    if (element?.kind === 'r') this.say(`<a ${sm} h='${this.h}'/>`);
    else if (element?.kind === 'a') this.acknowledge(element.h!);
    else if (element?.kind === 'enable') this.say(`<enabled ${sm} id='s' resume='true' max='600'/>`);
    else if (element?.kind === 'resume') {
      this.isDetached = false;
      this.say(`<resumed ${sm} previd='s' h='${this.h}'/>`);
      this.goOn(element.h!);
    } else if (element?.kind === 'resumed') {
      this.hasResumed = true;
      this.goOn(element.h!);
    } else if (element?.kind !== 'enabled') throw new Error(`${this.#side} got ${xml}`);
  }
}
