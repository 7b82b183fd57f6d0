// The engine's own IQ requests (transparency.md §5.8): sent on any live stream
// of the account, answered out of the client's sight. An answer counts only
// from whom was asked (CVE-2017-5589 class): ids are not proof enough.
import { utf8 } from '../../shared/bytes.ts';
import { SimppError } from '../../shared/errors.ts';
import type { Bindings } from '../../shared/xml/tag.ts';
import { element, type Xml } from '../../shared/xml/write.ts';
import { bareJid, domainOf, formatJid, parseJid } from '../../shared/xmpp/jid.ts';
import { ns } from '../../shared/xmpp/namespaces.ts';
import { readRefusal, type Refusal } from '../../shared/xmpp/refusal.ts';
import { stanzaHead } from '../../shared/xmpp/stanza.ts';
import { newOwnId } from './own-id.ts';

/** One stream of the account whose resource is bound. */
export interface RequestStream {
  /** Full JID. */
  readonly jid: string;
  send(stanza: Uint8Array): void;
}

/** How a request ended; never a rejection. `gone`: no stream to ask or to hear the answer on, or too much asked already. */
export type Answer =
  | { readonly kind: 'result'; readonly stanza: Uint8Array; readonly scope: Bindings }
  | ({ readonly kind: 'error'; readonly stanza: Uint8Array; readonly scope: Bindings } & Refusal)
  | { readonly kind: 'timeout' }
  | { readonly kind: 'gone' };

interface Pending {
  readonly type: 'get' | 'set';
  readonly to: string | undefined;
  readonly stanza: Uint8Array;
  readonly timer: NodeJS.Timeout;
  readonly settle: (answer: Answer) => void;
  stream: RequestStream;
  isRepeated: boolean;
}

const maxPending = 256;

export class Requests {
  readonly #ownJid: string;
  /** In order of arrival. */
  readonly #streams = new Set<RequestStream>();
  readonly #pending = new Map<string, Pending>();

  /** For the account with this bare JID. */
  constructor(ownJid: string) {
    this.#ownJid = bareJid(ownJid);
  }

  attach(stream: RequestStream): void {
    this.#streams.add(stream);
  }

  /** The stream is over: what was read on it is asked for once more on another one; what was to change something may have. */
  detach(stream: RequestStream): void {
    if (!this.#streams.delete(stream)) return;
    const other = this.#newest();
    for (const [id, pending] of this.#pending) {
      if (pending.stream !== stream) continue;
      if (other === undefined || pending.type === 'set' || pending.isRepeated) this.#settle(id, { kind: 'gone' });
      else {
        pending.stream = other;
        pending.isRepeated = true;
        other.send(pending.stanza);
      }
    }
  }

  /** Asks `to`, or one's own account when it is undefined; `timeoutMs` includes a second attempt. */
  async send(type: 'get' | 'set', to: string | undefined, payload: Xml, timeoutMs: number): Promise<Answer> {
    const stream = this.#newest();
    if (stream === undefined || this.#pending.size >= maxPending) return { kind: 'gone' };
    const id = newOwnId();
    // The server's stream may have another default namespace, the stage's has this one.
    const stanza = utf8(element('iq', { xmlns: ns.client, type, id, to }, payload));
    const { promise, resolve: settle } = Promise.withResolvers<Answer>();
    const timer = setTimeout(() => this.#settle(id, { kind: 'timeout' }), timeoutMs);
    this.#pending.set(id, { type, to, stanza, timer, settle, stream, isRepeated: false });
    stream.send(stanza);
    return await promise;
  }

  /** Takes an answer; one that nobody waits for, or that comes from somebody else, changes nothing. */
  answered(stanza: Uint8Array, scope: Bindings): void {
    const head = stanzaHead(stanza, scope);
    if (head.namespace !== ns.client || head.local !== 'iq' || head.id === undefined) return;
    const pending = this.#pending.get(head.id);
    if (pending === undefined || !this.#isFromAsked(head.from, pending)) return;
    if (head.type === 'result') this.#settle(head.id, { kind: 'result', stanza, scope });
    else if (head.type === 'error') {
      this.#settle(head.id, { kind: 'error', ...readRefusal(stanza, scope), stanza, scope });
    }
  }

  /** The one that most likely still lives. */
  #newest(): RequestStream | undefined {
    return [...this.#streams].at(-1);
  }

  #settle(id: string, answer: Answer): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    clearTimeout(pending.timer);
    pending.settle(answer);
  }

  /** RFC 6120 §8.1.2.1, §10.3.3: the server answers for the account, with or without a name. */
  #isFromAsked(from: string | undefined, { to, stream }: Pending): boolean {
    const asked = to === undefined ? this.#ownJid : prepared(to);
    if (asked !== this.#ownJid) return from !== undefined && prepared(from) === asked;
    if (from === undefined) return true;
    const answering = prepared(from);
    return [this.#ownJid, domainOf(this.#ownJid), prepared(stream.jid)].includes(answering);
  }
}

/** An address in the form that is compared; an invalid one equals only itself. */
function prepared(jid: string): string {
  try {
    return formatJid(parseJid(jid));
  } catch (error) {
    if (error instanceof SimppError) return jid;
    throw error;
  }
}
