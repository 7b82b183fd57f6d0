// The beginning of an inner stream: the client's header goes to the server, and
// the server's answer is kept back until it is known to be no redirection, so
// that a client whose server lives elsewhere sees one stream and one id
// (transparency.md §4). What the client sent behind its header waits meanwhile:
// a password must not reach a host that only points to another one.

import { SimppError } from '../../shared/errors.ts';
import type { StreamPart } from '../../shared/xml/scanner.ts';
import { domainOf } from '../../shared/xmpp/jid.ts';
import { noBindings, type Bindings } from '../../shared/xml/tag.ts';
import { readHeader } from '../../shared/xmpp/stream-header.ts';
import type { Leg } from '../leg.ts';
import { readStreamError } from '../server/received-error.ts';
import type { Route } from './route.ts';
import { TimeLimit } from './time-limit.ts';

/** An inner stream that both sides have begun. */
export interface InnerOpening {
  readonly server: Leg;
  /** What the server has said to the client's header; undefined when that was not sent to it. */
  readonly answer: readonly StreamPart[] | undefined;
}

/** What an opening works with. */
export interface OpeningParts {
  readonly domain: string;
  readonly route: Pick<Route, 'follow'>;
  /** A connection to where the route leads now. */
  connect(): Promise<Leg>;
  /** For the server's answer on each host. */
  readonly answerMs: number;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
}

/** Opens the stream, on as many hosts as it takes; rejects with SimppError when a redirection may not be followed. */
export async function openInner(server: Leg, header: StreamPart, parts: OpeningParts): Promise<InnerOpening> {
  if (!awaitsFeatures(header, parts.domain)) return { server, answer: undefined };
  let leg = server;
  for (;;) {
    const { answer, otherHost } = await greet(leg, header, parts);
    if (otherHost === undefined) return { server: leg, answer };
    leg.release();
    leg.stream.on('error', () => undefined);
    leg.destroy();
    parts.route.follow(otherHost);
    leg = await parts.connect();
  }
}

/** Whether features follow (RFC 6120 §4.3.2), which is to wait for. What is wrong with a header is the pipe's to say. */
function awaitsFeatures({ kind, bytes }: StreamPart, domain: string): boolean {
  if (kind !== 'header') return false;
  try {
    const { to, version } = readHeader(bytes);
    return version !== undefined && (to === undefined || domainOf(to) === domain);
  } catch (error) {
    if (error instanceof SimppError) return false;
    throw error;
  }
}

type Greeting = { readonly answer: readonly StreamPart[]; readonly otherHost: string | undefined };

/** Sends the header; ends with the first element, or with whatever comes in its place, which the pipe then meets again. */
async function greet(leg: Leg, header: StreamPart, { answerMs, signal }: OpeningParts): Promise<Greeting> {
  const answer: StreamPart[] = [];
  const time = new TimeLimit(answerMs);
  const { promise: gone, resolve } = Promise.withResolvers<undefined>();
  const onAbort = (): void => resolve(undefined);
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  leg.write(header.bytes);
  try {
    for (;;) {
      const part = await Promise.race([gone, time.on(leg.read()).catch(() => undefined)]);
      if (part === undefined) return { answer, otherHost: undefined };
      answer.push(part);
      if (part.kind === 'footer') return { answer, otherHost: undefined };
      if (part.kind !== 'element') continue;
      return { answer, otherHost: readStreamError(part.bytes, scopeOf(answer))?.otherHost };
    }
  } finally {
    time.clear();
    signal.removeEventListener('abort', onAbort);
  }
}

/** The bindings of the server's header. */
function scopeOf([first]: readonly StreamPart[]): Bindings {
  if (first?.kind !== 'header') return noBindings;
  try {
    return readHeader(first.bytes).bindings;
  } catch (error) {
    if (error instanceof SimppError) return noBindings;
    throw error;
  }
}
