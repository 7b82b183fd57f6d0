// The end-to-end stage: claims what people say to each other, hands it to the
// engine of the account, and puts what becomes of it in its place. Whatever
// takes its time, stanzas of one peer stay in order, others pass them, and each
// side is told no more than is true of its own stanzas (transparency.md §3.6, §5.3).
import { asSimppError, SimppError } from '../../shared/errors.ts';
import { readStartTag } from '../../shared/xml/tag.ts';
import { ns } from '../../shared/xmpp/namespaces.ts';
import { readHeader } from '../../shared/xmpp/stream-header.ts';
import { readSm, smNames, writeFailed, type SmElement } from '../../shared/xmpp/stream-management.ts';
import type { RelayEnd, Side } from '../relay-end.ts';
import type { Arrival } from './arrival.ts';
import { bareOr, clientsClaim, isAnswerToOwn, peerOf, serversClaim } from './claims.ts';
import { Deeds } from './deeds.ts';
import type { Claim, Errand, News } from './errand.ts';
import { Gate } from './gate.ts';
import { OwnRequests } from './own-requests.ts';
import { Resumption } from './resumption.ts';
import type { Signal } from './signal.ts';
import { onward, type Effect, type RunningStage } from './stage.ts';
import { Tickets } from './tickets.ts';
import type { Translation } from './translation.ts';
import { Way } from './way.ts';

export interface EndToEndRules {
  /** How ids of the engine's own requests begin: nobody else can know. */
  readonly ownIdPrefix: string;
  /** What the stage of an earlier stream has left, by the id that its client knows. */
  readonly recall: (id: string) => Translation | undefined;
}

/** The engine is ready by then, or the login goes on without (transparency.md §5.3). */
const readyMs = 2_000;
/** So long the end of a stream waits for what stands before it. */
const endMs = 5_000;

class EndToEnd implements RunningStage {
  readonly #ownIdPrefix: string;
  readonly #up = new Way('client');
  readonly #down = new Way('server');
  readonly #gate = new Gate();
  readonly #resumption: Resumption;
  readonly #tickets = new Tickets();
  #requests = new OwnRequests();
  #lang: string | undefined;
  /** Undefined until the server has said it; `own` is the bare one. Anonymous sessions have no engine. */
  #session: { readonly jid: string; readonly own: string } | 'anonymous' | undefined;
  /** Errands of a client that did not wait for its bind result. */
  #early: Errand[] = [];
  /** The server has ended its stream, whether that has gone on or waits. */
  #isServerOver = false;

  constructor({ ownIdPrefix, recall }: EndToEndRules) {
    this.#ownIdPrefix = ownIdPrefix;
    this.#resumption = new Resumption(recall, this.#up.ledger, this.#down.ledger);
  }

  see(arrival: Arrival): readonly Effect[] {
    const { from, part } = arrival;
    if (part.kind === 'header' && from === 'client') this.#lang = readHeader(part.bytes).lang;
    if (part.kind === 'header' || part.kind === 'space') return onward;
    const deeds = new Deeds(from);
    if (from === 'client') this.#fromClient(arrival, deeds);
    else this.#fromServer(arrival, deeds);
    return deeds.effects;
  }

  hear(from: Side, signal: Signal): readonly Effect[] {
    const deeds = new Deeds(from);
    switch (signal.kind) {
      case 'confirmed':
        this.#confirmed(from, signal.count, deeds);
        break;
      case 'bound':
        this.#bound(signal.jid, signal.isAnonymous, deeds);
        break;
      case 'news':
        this.#told(signal.news, deeds);
        break;
      case 'woke':
        this.#woken(deeds);
        break;
      case 'ending':
        this.#ending(from, signal.end, deeds);
        break;
      default:
        return onward;
    }
    return deeds.effects;
  }

  #fromClient(arrival: Arrival, deeds: Deeds): void {
    const { part } = arrival;
    if (arrival.isStanza) return this.#stanzaUp(arrival, deeds);
    if (part.kind === 'footer') this.#resumption.forget();
    if (part.kind === 'footer' || arrival.is(ns.streams, 'error')) return this.#end('client', part, deeds);
    const sm = managementOf(arrival);
    if (sm?.kind === 'enable') this.#resumption.enable();
    if (sm?.kind === 'resume') return this.#resume(sm, part.bytes, deeds);
    deeds.send('server', part);
  }

  #stanzaUp(arrival: Arrival, deeds: Deeds): void {
    const number = this.#up.arrive();
    if (number === undefined) return this.#up.settle(deeds);
    const peer = this.#peerOf(arrival);
    this.#requests.sent(arrival, peer);
    const claim = this.#session === 'anonymous' ? undefined : clientsClaim(arrival);
    if (claim === undefined) this.#up.pass(number, arrival, peer, deeds);
    else this.#claim(this.#up, number, claim, arrival, peer, deeds);
  }

  #fromServer(arrival: Arrival, deeds: Deeds): void {
    const { part } = arrival;
    if (arrival.isStanza) {
      const number = this.#down.arrive();
      if (number === undefined) return this.#down.settle(deeds);
      if (isAnswerToOwn(arrival, this.#ownIdPrefix)) {
        this.#down.swallow(number, deeds);
        return deeds.errand({ kind: 'answered', stanza: part.bytes, scope: arrival.scope });
      }
      return this.#gate.pass(part.bytes.length, deeds, (then) => this.#stanzaDown(number, arrival, then));
    }
    const sm = managementOf(arrival);
    if (sm?.kind === 'resumed') return this.#resumed(sm, part.bytes, deeds);
    const isEnd = part.kind === 'footer' || arrival.is(ns.streams, 'error');
    this.#isServerOver ||= isEnd;
    const { arrived } = this.#down.ledger;
    this.#gate.pass(part.bytes.length, deeds, (then) => {
      if (isEnd) return this.#end('server', part, then);
      if (sm?.kind === 'enabled') this.#resumption.enabled(sm, arrived);
      const bytes = sm?.kind === 'failed' ? this.#resumption.failed(sm, part.bytes) : part.bytes;
      then.send('client', { ...part, bytes });
    });
  }

  #stanzaDown(number: number, arrival: Arrival, deeds: Deeds): void {
    const peer = this.#peerOf(arrival);
    const isRoster = this.#requests.answered(arrival, peer) === 'roster';
    const claim = typeof this.#session !== 'object' ? undefined : isRoster ? 'roster' : serversClaim(arrival);
    if (claim === undefined) this.#down.pass(number, arrival, peer, deeds);
    else this.#claim(this.#down, number, claim, arrival, peer, deeds);
  }

  #claim(way: Way, number: number, claim: Claim, arrival: Arrival, peer: () => string, deeds: Deeds): void {
    const ticket = this.#tickets.add({ way, waiting: way.wait(number, arrival, peer(), deeds) });
    const isAskedFor = claim === 'open' && this.#requests.isAskedFor(arrival, peer);
    const { part, scope } = arrival;
    const errand: Errand = { kind: 'claimed', claim, ticket, stanza: part.bytes, scope, isAskedFor };
    if (this.#session === undefined) this.#early.push(errand);
    else deeds.errand(errand);
  }

  #told(news: News, deeds: Deeds): void {
    switch (news.kind) {
      case 'ready':
        return this.#open(deeds);
      case 'done':
        return this.#done(news, deeds);
      case 'durable': {
        const ticket = this.#tickets.endured(news.ticket);
        ticket?.way.ledger.endure(ticket.waiting.number);
        return ticket?.way.settle(deeds);
      }
      case 'send':
        return this.#send(news.stanza, deeds);
      case 'show':
        return this.#show(news.stanza, deeds);
      case 'failed': {
        const error = asSimppError(news.error);
        return deeds.signal('client', { kind: 'ending', end: { kind: 'failed', side: 'client', error } });
      }
    }
  }

  #done(news: Extract<News, { kind: 'done' }>, deeds: Deeds): void {
    const way = this.#tickets.done(news)?.way;
    if (way === this.#up) for (const bytes of news.down) this.#show(bytes, deeds);
    if (way === this.#down) for (const bytes of news.up) this.#send(bytes, deeds);
    way?.advance(deeds);
  }

  /** A request is not repeated by whoever goes on with the session: its answer would come too late. */
  #send(bytes: Uint8Array, deeds: Deeds): void {
    this.#up.add(bytes, readStartTag(bytes).local !== 'iq', deeds);
  }

  #show(bytes: Uint8Array, deeds: Deeds): void {
    this.#gate.pass(bytes.length, deeds, (then) => this.#down.add(bytes, true, then));
  }

  #confirmed(by: Side, count: number, deeds: Deeds): void {
    const way = by === 'client' ? this.#down : this.#up;
    way.ledger.confirm(count);
    // The end towards the server may wait for this word, even if it is none.
    if (way === this.#down) deeds.signal('server', { kind: 'confirmed', count: way.ledger.settle() });
    else way.settle(deeds);
  }

  #bound(jid: string, isAnonymous: boolean, deeds: Deeds): void {
    if (this.#session !== undefined) return;
    if (!isAnonymous) return this.#begin(jid, deeds);
    this.#session = 'anonymous';
    for (const errand of this.#early.splice(0)) {
      if (errand.kind !== 'claimed') continue;
      this.#done({ kind: 'done', ticket: errand.ticket, up: [errand.stanza], down: [], isDurable: true }, deeds);
    }
  }

  #begin(jid: string, deeds: Deeds): void {
    this.#session = { jid, own: bareOr(jid) };
    this.#gate.close();
    deeds.do({ kind: 'wake', afterMs: readyMs });
    deeds.errand({ kind: 'bound', jid, lang: this.#lang });
    for (const errand of this.#early.splice(0)) deeds.errand(errand);
  }

  #open(deeds: Deeds): void {
    if (!this.#gate.isClosed) return;
    this.#gate.open(deeds);
    if (this.#up.lanes.isEnding) deeds.do({ kind: 'wake', afterMs: endMs });
  }

  #resume(sm: Extract<SmElement, { kind: 'resume' }>, bytes: Uint8Array, deeds: Deeds): void {
    if (this.#session !== undefined) {
      return deeds.sendElement('client', writeFailed(sm.namespace, 'unexpected-request'));
    }
    deeds.sendElement('server', this.#resumption.resume(sm, bytes, `${this.#ownIdPrefix}unknown`));
  }

  #resumed(sm: Extract<SmElement, { kind: 'resumed' }>, bytes: Uint8Array, deeds: Deeds): void {
    const resumed = this.#resumption.resumed(sm, bytes);
    if (resumed === undefined) {
      const error = new SimppError(
        'unexpected-element',
        'The server resumed a session with a count that makes no sense.',
      );
      return deeds.do({ kind: 'end', end: { kind: 'refused', error } });
    }
    const { jid, requests, up, down } = resumed;
    this.#requests = requests;
    this.#up.ledger.goOn(up.had);
    this.#down.ledger.goOn(down.had);
    for (const stanza of up.kept) this.#up.add(stanza, true, deeds);
    this.#begin(jid, deeds);
    this.#gate.pass(bytes.length, deeds, (then) => {
      this.#resumption.shown();
      then.sendElement('client', resumed.bytes);
    });
    for (const stanza of down.kept) this.#show(stanza, deeds);
  }

  #end(side: Side, item: Arrival['part'] | Signal, deeds: Deeds): void {
    const way = side === 'client' ? this.#up : this.#down;
    if (!way.end(item, deeds) && !this.#gate.isClosed) deeds.do({ kind: 'wake', afterMs: endMs });
  }

  #ending(from: Side, end: RelayEnd, deeds: Deeds): void {
    const left = typeof this.#session === 'object' && this.#resumption.left(this.#session.jid, this.#requests);
    if (left) deeds.do({ kind: 'note', note: { kind: 'left', ...left } });
    if (from === 'client') {
      // The close is on its way: that the connection has gone as well says nothing more.
      if (end.kind === 'vanished' && this.#up.lanes.isClosing) return;
      // Whoever comes back says again what had not been said; of anybody else, it goes out first.
      if (end.kind === 'vanished' && !left) return this.#end('client', { kind: 'ending', end }, deeds);
      return deeds.signal('server', { kind: 'ending', end });
    }
    this.#gate.pass(0, deeds, (then) => {
      const isClosed = end.kind === 'vanished' && this.#isServerOver;
      this.#end('server', { kind: 'ending', end: isClosed ? { kind: 'closed' } : end }, then);
    });
  }

  #woken(deeds: Deeds): void {
    if (this.#gate.isClosed) return this.#open(deeds);
    for (const way of [this.#up, this.#down]) {
      if (!way.lanes.isEnding) continue;
      way.lanes.giveUp();
      way.advance(deeds);
    }
  }

  /** Who is at the other end of a stanza; worked out when it is asked for. */
  #peerOf(arrival: Arrival): () => string {
    let peer: string | undefined;
    const own = typeof this.#session === 'object' ? this.#session.own : undefined;
    return () => (peer ??= peerOf(arrival, own));
  }
}

function managementOf({ local, part, scope }: Arrival): SmElement | undefined {
  return smNames.has(local) ? readSm(part.bytes, scope) : undefined;
}

/** The stage in one relay. */
export function endToEndStage(rules: EndToEndRules): RunningStage {
  const stage = new EndToEnd(rules);
  return { see: (arrival) => stage.see(arrival), hear: (from, signal) => stage.hear(from, signal) };
}
