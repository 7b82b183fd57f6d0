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
// (transparency.md §3.4). The loss of a leg travels the row as well: a stage may
// have it replaced. What is then said to whom stands in closing.ts.
import { asSimppError, type SimppError } from '../shared/errors.ts';
import type { StreamPart } from '../shared/xml/scanner.ts';
import { noBindings, readStartTag, type StartTag } from '../shared/xml/tag.ts';
import { readHeader } from '../shared/xmpp/stream-header.ts';
import { Alarms } from './relay-alarms.ts';
import type { RelayEnd, Side } from './relay-end.ts';
import { Errands } from './relay-errands.ts';
import type { Reconnected, RelayOptions } from './relay-options.ts';
import type { RelaySide } from './relay-side.ts';
import { opposite, RelaySides } from './relay-sides.ts';
import { Arrival } from './stages/arrival.ts';
import type { Signal } from './stages/signal.ts';
import type { Effect, ResumeRequest } from './stages/stage.ts';

/** Set when something has to be waited for. */
type Pending = Promise<void> | undefined;

/** One client's stream and its server's, joined until one of them ends. */
export class Relay {
  readonly ended: Promise<RelayEnd>;
  readonly #options: RelayOptions;
  readonly #resolve: (end: RelayEnd) => void;
  readonly #sides: RelaySides;
  /** Where a side's parts enter the row. */
  readonly #entries: Readonly<Record<Side, number>>;
  readonly #over = new AbortController();
  readonly #alarms = new Alarms();
  readonly #errands: Errands;
  #shownHeader: StartTag | undefined;
  #onHeaderShown: () => void = () => undefined;
  #closeTimer: NodeJS.Timeout | undefined;

  constructor(options: RelayOptions) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<RelayEnd>();
    this.ended = promise;
    this.#resolve = resolve;
    this.#sides = new RelaySides(options.legs);
    this.#errands = new Errands(options.errand, (place, news) =>
      this.#enter('server', place, () => ({ kind: 'news', news })),
    );
    this.#entries = { client: 0, server: options.stages.length - 1 };
  }

  /** Begins with the client's header, which was read already, since it chose the server. */
  start(clientHeader: StreamPart): void {
    this.#take('client', clientHeader);
    for (const side of ['client', 'server'] as const) if (!this.#isOver) this.#flow(side);
  }

  /** Ends the relay from outside. */
  stop(error: SimppError): void {
    this.#leave('client', { kind: 'stopped', error });
  }

  /** Whether a side's stream has ended for the other one, by its close or by an error. */
  isOver(side: Side): boolean {
    return this.#sides[side].isOver;
  }

  /** The header of the server's present stream, once the client has seen it. */
  get shownHeader(): StartTag | undefined {
    return this.#shownHeader;
  }

  get #isOver(): boolean {
    return this.#over.signal.aborted;
  }

  #flow(side: Side): void {
    const { leg } = this.#sides[side];
    // A connection that is gone will not drain, and its end must be heard though its peer is full.
    leg.stream.once('close', () => {
      this.#release(opposite[side], 'drain');
      this.#release(side, 'own-drain');
      this.#release(side, 'drain');
    });
    leg.flow({ onPart: (part) => this.#take(side, part), onEnd: (error) => this.#lost(side, error) });
  }

  /** A part comes from a leg's scanner. */
  #take(from: Side, part: StreamPart): void {
    const side = this.#sides[from];
    // Before a header, white space would push the XML declaration from its place (XML 1.0 §2.8).
    if (part.kind === 'space' && side.scope === undefined) return;
    if (!side.mayPass(part)) return;
    this.#enter(from, this.#entries[from], () => {
      if (part.kind === 'header') side.scope = readHeader(part.bytes).bindings;
      return side.translated(part);
    });
  }

  /** Something enters the row at a place; whoever sent it is read no further while it waits. */
  #enter(from: Side, place: number, item: () => StreamPart | Signal): void {
    if (this.#isOver) return;
    try {
      const pending = this.#pass(from, place, item());
      if (pending === undefined) return;
      this.#sides[from].hold('job');
      this.#errands.postpone();
      pending.then(
        () => {
          this.#release(from, 'job');
          if (!this.#sides.areBusy) this.#errands.goOn();
        },
        (error: unknown) => this.#fail(from, error),
      );
    } catch (error) {
      this.#fail(from, error);
    }
  }

  /** Shows a part or signal to the stage at this place, or, behind the last one, delivers it. */
  #pass(from: Side, place: number, item: StreamPart | Signal): Pending {
    const stage = this.#options.stages[place];
    if ('bytes' in item) {
      if (stage === undefined) return this.#deliver(from, item);
      const arrival = new Arrival(from, item, this.#sides[from].scope ?? noBindings);
      return this.#doAll(from, place, item, stage.see(arrival));
    }
    if (stage === undefined) return item.kind === 'ending' ? this.#end(item.end) : undefined;
    return this.#doAll(from, place, item, stage.hear?.(from, item) ?? [{ kind: 'forward' }]);
  }

  /** Does what a stage wants done about what came, in order; later things wait for earlier ones. */
  #doAll(from: Side, place: number, item: StreamPart | Signal, effects: readonly Effect[]): Pending {
    for (const [index, effect] of effects.entries()) {
      if (this.#isOver) return undefined;
      const pending = this.#do(from, place, item, effect);
      if (pending !== undefined) return pending.then(() => this.#doAll(from, place, item, effects.slice(index + 1)));
    }
    return undefined;
  }

  #do(from: Side, place: number, item: StreamPart | Signal, effect: Effect): Pending {
    const step = from === 'client' ? 1 : -1;
    switch (effect.kind) {
      case 'forward':
        return this.#pass(from, place + step, effect.bytes === undefined ? item : replaced(item, effect.bytes));
      case 'pass':
        return this.#pass(from, place + step, effect.part);
      case 'reply':
        return this.#reply(from, place - step, effect.bytes);
      case 'signal':
        return this.#pass(opposite[effect.to], effect.to === 'server' ? place + 1 : place - 1, effect.signal);
      case 'job':
        return this.#options.perform(effect.job);
      case 'errand':
        return this.#errands.send(place, effect.errand);
      case 'hold':
        return this.#sides[effect.side].hold(place);
      case 'release':
        return this.#release(effect.side, place);
      case 'flush':
        return this.#flush(place, effect.upTo);
      case 'wake':
        return this.#wake(place, effect.afterMs);
      case 'close':
        return this.#pass('client', place + 1, { kind: 'footer', bytes: effect.bytes });
      case 'cut':
        return this.#sides.server.cut();
      case 'reconnect':
        return this.#reconnect(place, effect.request);
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
    this.#awaitDrain(to, to, 'own-drain');
    return pending;
  }

  /** Writes to the other leg; one that is full stops this side's reading. What comes too late is dropped. */
  #deliver(from: Side, part: StreamPart): undefined {
    const side = this.#sides[from];
    const to = opposite[from];
    if (!side.mayPass(part)) return;
    this.#sides[to].leg.write(part.bytes);
    this.#awaitDrain(to, from, 'drain');
    if (part.kind === 'element') this.#options.passed(from);
    if (part.kind === 'header' && from === 'server') {
      this.#shownHeader = readStartTag(part.bytes);
      this.#onHeaderShown();
    }
    side.passed(part);
    if (side.isOver) this.#close();
  }

  #awaitDrain(full: Side, held: Side, reason: 'drain' | 'own-drain'): void {
    this.#sides.awaitDrain(full, held, reason, () => this.#release(held, reason));
  }

  /** Tells the stage whether the client's connection has taken all. */
  #flush(place: number, upTo: number): undefined {
    const tell = (isDone: boolean): void => this.#enter('client', place, () => ({ kind: 'flushed', upTo, isDone }));
    tell(this.#sides.client.leg.flush(() => tell(true)));
  }

  #wake(place: number, afterMs: number): undefined {
    this.#alarms.set(place, afterMs, () => {
      // The time does not run while we do not listen: the answer may have come. A stage's own hold is no such reason.
      if (this.#sides.server.isHeldBesides(place)) return this.#wake(place, afterMs);
      this.#enter('server', place, () => ({ kind: 'woke' }));
    });
  }

  /** The server's side goes on over another connection, once there is one. */
  #reconnect(place: number, request: ResumeRequest): undefined {
    const goOn = (found: Reconnected): void => {
      if (this.#isOver) return;
      if (found.kind === 'unresumed') return this.#enter('server', place, () => found);
      this.#sides.server.replace(found.leg, found.bindings);
      this.#sides.client.reopen();
      this.#enter('server', place, () => ({ kind: 'resumed', h: found.h }));
      if (!this.#isOver) this.#flow('server');
    };
    this.#options.reconnect(request, this.#over.signal).then(goOn, (error: unknown) => this.#fail('server', error));
  }

  #restart(): undefined {
    this.#sides.client.restart();
    this.#sides.server.restart();
    this.#shownHeader = undefined;
  }

  #release(side: Side, reason: Parameters<RelaySide['release']>[0]): undefined {
    if (!this.#isOver) this.#sides[side].release(reason);
  }

  /** The end of a side's stream has gone on; the rest has its time. */
  #close(): void {
    const { client, server } = this.#sides;
    if (client.isClosed && server.isClosed) return this.#end({ kind: 'closed' });
    this.#closeTimer ??= setTimeout(() => this.#end({ kind: 'closed' }), this.#options.closeTimeoutMs);
  }

  /** A side's connection ended, or what came from it cannot be read any further. */
  #lost(side: Side, error: SimppError | undefined): void {
    const { client, server } = this.#sides;
    // A client that has closed its stream may close its sending side too, and still hears the server's answer.
    if (side === 'client' && client.isClosed) return;
    if (client.isOver || server.isOver) return this.#end({ kind: 'closed' });
    if (error === undefined || error.code === 'server-unreachable' || error.code === 'channel-truncated') {
      return this.#leave(side, { kind: 'vanished', side, error });
    }
    this.#fail(side, error);
  }

  /** The end because of a side passes the row, behind what that side still sent. */
  #leave(side: Side, end: RelayEnd): undefined {
    this.#enter(side, this.#entries[side], () => ({ kind: 'ending', end }));
  }

  #fail(side: Side, error: unknown): undefined {
    this.#end({ kind: 'failed', side, error: asSimppError(error) });
  }

  #end(end: RelayEnd): undefined {
    if (this.#isOver) return;
    this.#over.abort();
    clearTimeout(this.#closeTimer);
    this.#alarms.clear();
    this.#sides.client.leg.pause();
    this.#sides.server.leg.pause();
    this.#errands.end();
    this.#resolve(end);
  }
}

/** Other bytes for a part; for a signal, an element in its place. */
function replaced(item: StreamPart | Signal, bytes: Uint8Array): StreamPart {
  return 'bytes' in item ? { ...item, bytes } : { kind: 'element', bytes };
}
