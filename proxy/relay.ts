// The heart of the proxy: two legs, each a stream of bytes that its scanner
// cuts into parts, and between them a row of pure stages.
//
//   client ══ bytes ══► scanner ─ part ─► stage 1 ─► stage 2 … stage n ══ bytes ══► server
//   client ◄══ bytes ══ stage 1 ◄─ stage 2 … stage n ◄─ part ─ scanner ◄══ bytes ══ server
//
// What no stage claims passes byte for byte. A leg that can take no more stops
// the reading of the other one: nothing is dropped, nothing piles up. The close
// of a stream goes the same way, behind all earlier stanzas; when both sides
// have closed, or the second one had its time, the relay is over
// (transparency.md §3.4). What is then said to whom stands in closing.ts.
import { asSimppError, type SimppError } from '../shared/errors.ts';
import type { StreamPart } from '../shared/xml/scanner.ts';
import { noBindings, readStartTag, type Bindings, type StartTag } from '../shared/xml/tag.ts';
import { readHeader } from '../shared/xmpp/stream-header.ts';
import type { Leg } from './leg.ts';
import { Arrival } from './stages/arrival.ts';
import type { Effect, Job, Note, RunningStage, Side, StageEnd } from './stages/stage.ts';

/** How a relay ended. */
export type RelayEnd =
  /** Both sides closed their streams, or one did and the other had its time. */
  | { readonly kind: 'closed' }
  /** A connection ended without a close. */
  | { readonly kind: 'vanished'; readonly side: Side; readonly error: SimppError | undefined }
  /** A side broke the rules of XML or XMPP, or a limit. */
  | { readonly kind: 'failed'; readonly side: Side; readonly error: SimppError }
  /** The proxy itself ended it. */
  | { readonly kind: 'stopped'; readonly error: SimppError }
  | Extract<StageEnd, { kind: 'taken-over' }>;

export interface RelayOptions {
  readonly legs: Readonly<Record<Side, Leg>>;
  /** In order from the client to the server. */
  readonly stages: readonly RunningStage[];
  /** Does a job; the part that waits for it goes on when it settles. */
  readonly perform: (job: Job) => Promise<void>;
  readonly notice: (note: Note) => undefined;
  /** Counts an element that went on from this side. */
  readonly passed: (from: Side) => void;
  /** How long the second `</stream:stream>` may take after the first. */
  readonly closeTimeoutMs: number;
}

/** `drain`: the other leg is full. `own-drain`: a reply has filled this side's own leg. */
type HoldReason = 'stage' | 'job' | 'drain' | 'own-drain';
/** Set when something has to be waited for. */
type Pending = Promise<void> | undefined;

const opposite = { client: 'server', server: 'client' } as const satisfies Record<Side, Side>;

/** One client's stream and its server's, joined until one of them ends. */
export class Relay {
  readonly ended: Promise<RelayEnd>;
  readonly #options: RelayOptions;
  readonly #resolve: (end: RelayEnd) => void;
  readonly #holds: Readonly<Record<Side, Set<HoldReason>>> = { client: new Set(), server: new Set() };
  /** The bindings that each side's present header made; undefined until it has come. */
  readonly #scopes: Record<Side, Bindings | undefined> = { client: undefined, server: undefined };
  readonly #closed: Record<Side, boolean> = { client: false, server: false };
  #shownHeader: StartTag | undefined;
  #onHeaderShown: () => void = () => undefined;
  #closeTimer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(options: RelayOptions) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<RelayEnd>();
    this.ended = promise;
    this.#resolve = resolve;
  }

  /** Begins with the client's header, which was read already, since it chose the server. */
  start(clientHeader: StreamPart): void {
    this.#take('client', clientHeader);
    for (const side of ['client', 'server'] as const) {
      if (this.#isOver) return;
      const leg = this.#options.legs[side];
      // A connection that is gone will not drain, and its end must be heard though its peer is full.
      leg.stream.once('close', () => {
        this.#release('client', 'drain');
        this.#release('server', 'drain');
        this.#release(side, 'own-drain');
      });
      leg.flow({ onPart: (part) => this.#take(side, part), onEnd: (error) => this.#lost(side, error) });
    }
  }

  /** Ends the relay from outside. */
  stop(error: SimppError): void {
    this.#end({ kind: 'stopped', error });
  }

  /** The header of the server's present stream, once the client has seen it. */
  get shownHeader(): StartTag | undefined {
    return this.#shownHeader;
  }

  /** A part comes from a leg's scanner and enters the row at that leg's end. */
  #take(from: Side, part: StreamPart): void {
    if (this.#isOver) return;
    // Before a header, white space would push the XML declaration from its place (XML 1.0 §2.8).
    if (part.kind === 'space' && this.#scopes[from] === undefined) return;
    try {
      if (part.kind === 'header') this.#scopes[from] = readHeader(part.bytes).bindings;
      const pending = this.#pass(from, from === 'client' ? 0 : this.#options.stages.length - 1, part);
      if (pending === undefined) return;
      this.#hold(from, 'job');
      pending.then(
        () => this.#release(from, 'job'),
        (error: unknown) => this.#fail(from, error),
      );
    } catch (error) {
      this.#fail(from, error);
    }
  }

  /** Shows a part to the stage at this place, or, behind the last one, delivers it. */
  #pass(from: Side, place: number, part: StreamPart): Pending {
    const stage = this.#options.stages[place];
    if (stage === undefined) return this.#deliver(from, part);
    return this.#doAll(from, place, part, stage(new Arrival(from, part, this.#scopes[from] ?? noBindings)));
  }

  /** Does what a stage wants done about a part, in order; later things wait for earlier ones. */
  #doAll(from: Side, place: number, part: StreamPart, effects: readonly Effect[]): Pending {
    for (const [index, effect] of effects.entries()) {
      if (this.#isOver) return undefined;
      const pending = this.#do(from, place, part, effect);
      if (pending !== undefined) return pending.then(() => this.#doAll(from, place, part, effects.slice(index + 1)));
    }
    return undefined;
  }

  #do(from: Side, place: number, part: StreamPart, effect: Effect): Pending {
    const step = from === 'client' ? 1 : -1;
    switch (effect.kind) {
      case 'forward':
        return this.#pass(from, place + step, effect.bytes === undefined ? part : { ...part, bytes: effect.bytes });
      case 'reply':
        return this.#reply(from, place - step, effect.bytes);
      case 'job':
        return this.#options.perform(effect.job);
      case 'hold':
        return this.#hold(effect.side, 'stage');
      case 'release':
        return this.#release(effect.side, 'stage');
      case 'restart':
        return this.#restart();
      case 'note':
        return this.#options.notice(effect.note);
      case 'end':
        if (effect.end.kind === 'refused') return this.#fail(from, effect.end.error);
        return this.#end(effect.end);
    }
  }

  /** Answers a side from this place of the row on. A side that does not take its answers is read no further. */
  #reply(to: Side, place: number, bytes: Uint8Array): Pending {
    if (to === 'client' && this.#shownHeader === undefined) {
      // Nothing stands before a header: what a client sends ahead of the server's is answered behind it.
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#onHeaderShown = resolve;
      return promise.then(() => this.#reply(to, place, bytes));
    }
    const pending = this.#pass(opposite[to], place, { kind: 'element', bytes });
    const { stream } = this.#options.legs[to];
    if (stream.writableNeedDrain && !this.#holds[to].has('own-drain')) {
      this.#hold(to, 'own-drain');
      stream.once('drain', () => this.#release(to, 'own-drain'));
    }
    return pending;
  }

  /** Writes to the other leg; one that is full stops this side's reading. */
  #deliver(from: Side, part: StreamPart): undefined {
    const target = this.#options.legs[opposite[from]];
    if (!target.write(part.bytes) && !this.#holds[from].has('drain')) {
      this.#hold(from, 'drain');
      target.onDrain(() => this.#release(from, 'drain'));
    }
    if (part.kind === 'element') this.#options.passed(from);
    if (part.kind === 'header' && from === 'server') {
      this.#shownHeader = readStartTag(part.bytes);
      this.#onHeaderShown();
    }
    if (part.kind === 'footer') this.#close(from);
  }

  #restart(): undefined {
    for (const side of ['client', 'server'] as const) {
      this.#options.legs[side].restart();
      this.#scopes[side] = undefined;
    }
    this.#shownHeader = undefined;
  }

  #hold(side: Side, reason: HoldReason): undefined {
    this.#holds[side].add(reason);
    this.#options.legs[side].pause();
  }

  #release(side: Side, reason: HoldReason): undefined {
    if (!this.#holds[side].delete(reason) || this.#holds[side].size > 0 || this.#isOver) return;
    this.#options.legs[side].resume();
  }

  /** A side's `</stream:stream>` has gone on. */
  #close(from: Side): void {
    this.#closed[from] = true;
    if (this.#closed[opposite[from]]) return this.#end({ kind: 'closed' });
    this.#closeTimer = setTimeout(() => this.#end({ kind: 'closed' }), this.#options.closeTimeoutMs);
  }

  /** A side's connection ended, or what came from it cannot be read any further. */
  #lost(side: Side, error: SimppError | undefined): void {
    // A client that has closed its stream may close its sending side too, and still hears the server's answer.
    if (side === 'client' && this.#closed.client) return;
    if (this.#closed.client || this.#closed.server) return this.#end({ kind: 'closed' });
    if (error === undefined || error.code === 'server-unreachable' || error.code === 'channel-truncated') {
      return this.#end({ kind: 'vanished', side, error });
    }
    this.#fail(side, error);
  }

  #fail(side: Side, error: unknown): undefined {
    this.#end({ kind: 'failed', side, error: asSimppError(error) });
  }

  #end(end: RelayEnd): undefined {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#closeTimer);
    this.#options.legs.client.pause();
    this.#options.legs.server.pause();
    this.#resolve(end);
  }
}
