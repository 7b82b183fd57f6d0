// What the client has asked its server and the answers to which the end-to-end
// stage must know: rosters, and pages of history, whose results are believed
// only while they are asked for (CVE-2017-5589 and its kin).
import { Buffer } from 'node:buffer';
import { namespaceOf } from '../../shared/xml/tag.ts';
import { ns } from '../../shared/xmpp/namespaces.ts';
import { childrenOf, iqPayload } from '../../shared/xmpp/stanza.ts';
import type { Arrival } from './arrival.ts';
import { has } from './claims.ts';

/** The oldest are forgotten. */
const maxRunning = 64;
const roster = Buffer.from(ns.roster);
const history = Buffer.from('urn:xmpp:mam:');

type Request = { readonly kind: 'roster' } | { readonly kind: 'history'; readonly query: string };

export class OwnRequests {
  /** By the one who is asked, and the id. */
  readonly #running = new Map<string, Request>();

  /** The client sends something. */
  sent(arrival: Arrival, peer: () => string): void {
    if (arrival.local !== 'iq') return;
    const { bytes } = arrival.part;
    const request = has(bytes, roster)
      ? rosterRequest(arrival)
      : has(bytes, history)
        ? historyRequest(arrival)
        : undefined;
    if (request === undefined) return;
    if (this.#running.size >= maxRunning) this.#running.delete(this.#running.keys().next().value!);
    this.#running.set(key(arrival, peer), request);
  }

  /** The server answers something, whose request is thereby over. */
  answered(arrival: Arrival, peer: () => string): Request['kind'] | undefined {
    if (this.#running.size === 0 || arrival.local !== 'iq') return undefined;
    const type = arrival.attribute('type');
    if (type !== 'result' && type !== 'error') return undefined;
    const name = key(arrival, peer);
    const request = this.#running.get(name);
    this.#running.delete(name);
    return request?.kind;
  }

  /** Whether a message is a result of a query that is running there. */
  isAskedFor(arrival: Arrival, peer: () => string): boolean {
    const { scope } = arrival;
    const { bytes } = arrival.part;
    if (this.#running.size === 0 || !has(bytes, history)) return false;
    const result = childrenOf(bytes, scope).find(
      (child) => child.tag.local === 'result' && namespaceOf(child.tag, child.scope)?.startsWith('urn:xmpp:mam:'),
    );
    if (result === undefined) return false;
    const query = result.tag.attributes.get('queryid') ?? '';
    const from = `${peer()} `;
    for (const [name, request] of this.#running) {
      if (request.kind === 'history' && request.query === query && name.startsWith(from)) return true;
    }
    return false;
  }
}

function key(arrival: Arrival, peer: () => string): string {
  return `${peer()} ${arrival.attribute('id') ?? ''}`;
}

function rosterRequest(arrival: Arrival): Request | undefined {
  const query = iqPayload(arrival.part.bytes, arrival.scope, 'get', ns.roster, 'query');
  return query === undefined ? undefined : { kind: 'roster' };
}

function historyRequest(arrival: Arrival): Request | undefined {
  if (arrival.attribute('type') !== 'set') return undefined;
  const query = childrenOf(arrival.part.bytes, arrival.scope).find(
    (child) => child.tag.local === 'query' && namespaceOf(child.tag, child.scope)?.startsWith('urn:xmpp:mam:'),
  );
  return query === undefined ? undefined : { kind: 'history', query: query.tag.attributes.get('queryid') ?? '' };
}
