// Stream management as it passes the end-to-end stage (XEP-0198 §3, §5): where
// the counts of both sides begin, what the stage leaves to the one that goes on
// with the session, and what it takes over from the one before.
import { withAttribute, withoutAttribute } from '../../shared/xml/attribute.ts';
import { handledField, type SmElement } from '../../shared/xmpp/stream-management.ts';
import type { Ledger } from './ledger.ts';
import type { OwnRequests } from './own-requests.ts';
import { toClientsCount, toServersCount, type Beginning, type Continued, type Translation } from './translation.ts';

type Of<Kind extends SmElement['kind']> = Extract<SmElement, { kind: Kind }>;

/** A server keeps no session longer than this behind the proxy (stages/agreement.ts). */
const maxMs = 600_000;
const nothing: Beginning = { client: 0, server: 0 };

/** How a session goes on that was resumed. */
export interface Resumed {
  readonly jid: string;
  readonly requests: OwnRequests;
  readonly up: Continued;
  readonly down: Continued;
  /** For the client. */
  readonly bytes: Uint8Array;
}

export class Resumption {
  readonly #recall: (id: string) => Translation | undefined;
  readonly #up: Ledger;
  readonly #down: Ledger;
  #upFrom = nothing;
  #downFrom = nothing;
  /** What the client may resume by. */
  #id: string | undefined;
  #resuming: { readonly past: Translation; readonly down: Continued; readonly h: number } | undefined;

  constructor(recall: (id: string) => Translation | undefined, up: Ledger, down: Ledger) {
    this.#recall = recall;
    this.#up = up;
    this.#down = down;
  }

  /** The client's `<enable/>` passes. */
  enable(): void {
    this.#upFrom = { client: this.#up.arrived, server: this.#up.left };
  }

  /** The server's `<enabled/>` passes, which came behind this many stanzas. */
  enabled({ id, resume }: Of<'enabled'>, arrived: number): void {
    this.#downFrom = { server: arrived, client: this.#down.left };
    this.#id = resume ? id : undefined;
  }

  /**
   * The client's `<resume/>` as the server understands it. A session that only the server may still know cannot go on
   * here, without its counts: the server is asked for one of a name that nobody has, so that it says so itself, at the
   * right place and in its own words.
   */
  resume({ previd, h = 0 }: Of<'resume'>, bytes: Uint8Array, unknown: string): Uint8Array {
    const past = this.#recall(previd);
    const down = past && toServersCount(past, h);
    if (past === undefined || down === undefined) {
      return withAttribute(withoutAttribute(bytes, 'previd'), 'previd', unknown);
    }
    this.#resuming = { past, down, h };
    return counting(bytes, down.h);
  }

  /** The server's `<resumed/>`; undefined when it is no answer, or counts what it was never sent. */
  resumed({ previd, h = 0 }: Of<'resumed'>, bytes: Uint8Array): Resumed | undefined {
    if (this.#resuming === undefined) return undefined;
    const { past, down } = this.#resuming;
    const up = toClientsCount(past, h);
    if (up === undefined) return undefined;
    this.#upFrom = { client: this.#up.arrived - up.h, server: this.#up.left - h };
    this.#downFrom = { client: 0, server: this.#down.arrived - down.h };
    this.#id = previd;
    return { jid: past.jid, requests: past.requests, up, down, bytes: counting(bytes, up.h) };
  }

  /** The `<resumed/>` goes to the client, whose count goes on with what comes behind it. */
  shown(): void {
    this.#downFrom = { ...this.#downFrom, client: this.#down.left - (this.#resuming?.h ?? 0) };
    this.#resuming = undefined;
  }

  /** The server's `<failed/>`, which may say what it had handled. */
  failed({ h }: Of<'failed'>, bytes: Uint8Array): Uint8Array {
    const past = this.#resuming?.past;
    this.#resuming = undefined;
    if (past === undefined || h === undefined) return bytes;
    const up = toClientsCount(past, h);
    return up === undefined ? withoutAttribute(bytes, 'h') : counting(bytes, up.h);
  }

  /** Nobody will come back: the client has closed the stream. */
  forget(): void {
    this.#id = undefined;
  }

  /** What is left to whoever comes back; undefined when nobody can. */
  left(jid: string, requests: OwnRequests): { readonly id: string; readonly translation: Translation } | undefined {
    if (this.#id === undefined) return undefined;
    const [up, upFrom, down, downFrom] = [this.#up, this.#upFrom, this.#down, this.#downFrom];
    return { id: this.#id, translation: { jid, requests, up, upFrom, down, downFrom, maxMs } };
  }
}

function counting(bytes: Uint8Array, h: number): Uint8Array {
  return withAttribute(withoutAttribute(bytes, 'h'), 'h', String(handledField(h)));
}
