// The two ends of stream management in a row of their own, run step by step
// without any connection: what they want done is done at once, and what they
// send piles up for a test to look at.
import { fromUtf8, utf8 } from '../../../shared/bytes.ts';
import type { StreamPart } from '../../../shared/xml/scanner.ts';
import type { Bindings } from '../../../shared/xml/tag.ts';
import { ns } from '../../../shared/xmpp/namespaces.ts';
import type { RelayEnd, Side } from '../../../proxy/relay-end.ts';
import { Arrival } from '../../../proxy/stages/arrival.ts';
import { clientEndStage } from '../../../proxy/stages/client-end.ts';
import type { Hibernated } from '../../../proxy/stages/hibernated.ts';
import { serverEndStage } from '../../../proxy/stages/server-end.ts';
import type { Signal } from '../../../proxy/stages/signal.ts';
import type { RunErrand } from '../../../proxy/stages/errand.ts';
import { running, type Effect, type Note, type ResumeRequest, type RunningStage } from '../../../proxy/stages/stage.ts';

const scope: Bindings = new Map([
  ['', ns.client],
  ['stream', ns.streams],
]);
const opposite = { client: 'server', server: 'client' } as const;

type Item = StreamPart | Signal;

/** What may stand between the two ends, and be different about them. */
export interface ManagedRowOptions {
  readonly between?: readonly RunningStage[];
  readonly errand?: RunErrand;
  readonly isOwn?: boolean;
}

export class ManagedRow {
  /** Sent towards each side and not yet taken by the test. */
  readonly out: Record<Side, string[]> = { client: [], server: [] };
  readonly notes: Note[] = [];
  readonly hibernated = new Map<string, Hibernated>();
  isClientHeld = false;
  /** Set while the connection to the server is lost. */
  request: ResumeRequest | undefined;
  end: RelayEnd | { readonly kind: 'refused'; readonly from: Side; readonly error: Error } | undefined;
  /** What the end towards the server waits for. */
  wakeAfterMs: number | undefined;
  /** Places of the stages between the ends that wait for a time. */
  readonly waking = new Set<number>();
  isServerHeld = false;
  isCut = false;
  /** How many stanzas the client's connection has taken. */
  written = 0;
  #toClient = 0;
  #takesAll = true;
  #unflushed: number[] = [];
  #ids = 0;
  readonly #errand: RunErrand | undefined;
  readonly #stages: readonly RunningStage[];

  constructor({ between = [], errand, isOwn = true }: ManagedRowOptions = {}) {
    this.#errand = errand;
    this.#stages = [
      running(clientEndStage),
      ...between,
      running(
        serverEndStage({
          account: 'a@b',
          isOwn,
          newId: () => `id${++this.#ids}`,
          recall: (id) => this.hibernated.get(id),
          askAfterMs: 2_000,
          silenceMs: 30_000,
        }),
      ),
    ];
    this.#enter('client', {
      kind: 'header',
      bytes: utf8(`<stream:stream xmlns='${ns.client}' xmlns:stream='${ns.streams}' version='1.0'>`),
    });
    this.out.server.length = 0;
  }

  /** An element comes from a side. */
  from(side: Side, xml: string): this {
    const kind = xml.startsWith('</') ? 'footer' : 'element';
    this.#enter(side, { kind, bytes: utf8(xml) });
    return this;
  }

  /** The time is up for which a stage between the ends waits. */
  wakeBetween(): this {
    const places = Array.from(this.waking);
    this.waking.clear();
    for (const place of places) {
      this.#pass('server', place, { kind: 'woke' });
    }
    return this;
  }

  hear(side: Side, signal: Signal): this {
    this.#enter(side, signal);
    return this;
  }

  /** The time is up for which a stage waits. */
  wake(): this {
    this.wakeAfterMs = undefined;
    this.#pass('server', this.#stages.length - 1, { kind: 'woke' });
    return this;
  }

  /** Whether the client's connection takes everything at once. */
  set takesAll(yes: boolean) {
    this.#takesAll = yes;
    if (yes) this.flush();
  }

  /** The client's connection takes what it has been sent. */
  flush(): void {
    this.written = this.#toClient;
    for (const upTo of this.#unflushed.splice(0)) this.#pass('client', 0, { kind: 'flushed', upTo, isDone: true });
  }

  /** The connection to the server is lost. */
  loseServer(): void {
    this.out.server.length = 0;
    this.#enter('server', { kind: 'ending', end: { kind: 'vanished', side: 'server', error: undefined } });
  }

  /** There is another one. */
  resume(h: number): void {
    this.request = undefined;
    this.#enter('server', { kind: 'resumed', h });
  }

  /** What was sent to a side since the last look. */
  taken(side: Side): string[] {
    return this.out[side].splice(0);
  }

  #enter(from: Side, item: Item): void {
    this.#pass(from, from === 'client' ? 0 : this.#stages.length - 1, item);
  }

  #pass(from: Side, place: number, item: Item): void {
    const stage = this.#stages[place];
    if (stage === undefined) {
      if ('bytes' in item) this.#deliver(opposite[from], fromUtf8(item.bytes));
      else if (item.kind === 'ending') this.end = item.end;
      return;
    }
    const effects = 'bytes' in item ? stage.see(new Arrival(from, item, scope)) : (stage.hear?.(from, item) ?? []);
    for (const effect of effects) this.#do(from, place, item, effect);
  }

  #deliver(to: Side, xml: string): void {
    this.out[to].push(xml);
    if (to === 'server' || !/^<(?:message|presence|iq)/.test(xml)) return;
    this.#toClient++;
    if (this.#takesAll) this.written = this.#toClient;
  }

  #do(from: Side, place: number, item: Item, effect: Effect): void {
    const step = from === 'client' ? 1 : -1;
    const element = (bytes: Uint8Array): Item => ({ kind: 'element', bytes });
    switch (effect.kind) {
      case 'forward':
        return this.#pass(from, place + step, effect.bytes === undefined ? item : element(effect.bytes));
      case 'reply':
        return this.#pass(opposite[from], place - step, element(effect.bytes));
      case 'close':
        return this.#pass('client', place + 1, { kind: 'footer', bytes: effect.bytes });
      case 'signal':
        return this.#pass(opposite[effect.to], effect.to === 'server' ? place + 1 : place - 1, effect.signal);
      case 'hold':
      case 'release':
        if (effect.side === 'client') this.isClientHeld = effect.kind === 'hold';
        else this.isServerHeld = effect.kind === 'hold';
        break;
      case 'pass':
        return this.#pass(from, place + step, effect.part);
      case 'errand':
        return this.#errand?.(effect.errand, (news) => this.#pass('server', place, { kind: 'news', news }));
      case 'flush':
        if (!this.#takesAll) this.#unflushed.push(effect.upTo);
        return this.#pass('client', 0, { kind: 'flushed', upTo: effect.upTo, isDone: this.#takesAll });
      case 'wake':
        if (place === this.#stages.length - 1) this.wakeAfterMs = effect.afterMs;
        else this.waking.add(place);
        break;
      case 'cut':
        this.isCut = true;
        break;
      case 'reconnect':
        this.request = effect.request;
        break;
      case 'note':
        this.notes.push(effect.note);
        if (effect.note.kind === 'hibernated') this.hibernated.set(effect.note.id, effect.note.session);
        break;
      case 'end':
        this.end = effect.end.kind === 'refused' ? { ...effect.end, from } : effect.end;
        break;
      default:
        throw new Error(`nothing in this row wants ${effect.kind}`);
    }
  }
}
