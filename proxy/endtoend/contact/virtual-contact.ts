// The contact simpp.invalid, as one client sees it: whatever stanza is for it
// ends here and is answered at once. It belongs to a stream; what it knows and
// does is the Desk of the person.
import { SimppError } from '../../../shared/errors.ts';
import type { Bindings } from '../../../shared/xml/tag.ts';
import { isElement, readStartTag } from '../../../shared/xml/tag.ts';
import { element } from '../../../shared/xml/write.ts';
import { ns } from '../../../shared/xmpp/namespaces.ts';
import { childText, childrenOf, findChild, stanzaHead, type Child } from '../../../shared/xmpp/stanza.ts';
import type { Desk } from '../desk.ts';
import { AdHoc } from './ad-hoc.ts';
import { virtualContactJid } from './address.ts';
import { announce, contactMessage } from './announcement.ts';
import { answer, sorry } from './answer.ts';
import { readCommand } from './command.ts';
import {
  adHocCommands,
  discoInfo,
  discoItems,
  receipts,
  softwareVersion,
  vcardAnswer,
  vcardTemp,
  versionAnswer,
} from './disco.ts';
import type { AnnouncementFacts, AnnouncementKind } from './facts.ts';
import { refusal, result, unavailable, type Request } from './iq-answer.ts';
import { presenceAnswer, presenceOf, rosterPush } from './roster.ts';
import { wordsFor } from './words/choose.ts';
import type { Words } from './words/words.ts';

/** Most commands of a client that wait for their answers. */
const maxWaiting = 32;

export interface ContactSurroundings {
  readonly desk: Desk;
  /** The client's full JID. */
  readonly client: string;
  /** xml:lang of its stream. */
  readonly lang: string | undefined;
  /** Of SIMPP. */
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** A fresh id. */
  readonly id: () => string;
}

export class VirtualContact {
  readonly #around: ContactSurroundings;
  readonly #adHoc: AdHoc;
  /** Commands are answered in the order in which they came. */
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(around: ContactSurroundings) {
    this.#around = around;
    this.#adHoc = new AdHoc({
      now: around.now,
      id: around.id,
      answer: (text, words) => this.#answer(text, words),
    });
  }

  /** The stanzas for the client that answer one of its own; never rejects. */
  async answer(stanza: Uint8Array, scope: Bindings): Promise<readonly Uint8Array[]> {
    const head = stanzaHead(stanza, scope);
    if (head.type === 'error') return [];
    const contact = head.to ?? virtualContactJid;
    const tag = readStartTag(stanza);
    const words = wordsFor(tag.attributes.get('xml:lang'), this.#around.lang);
    switch (head.local) {
      case 'message':
        return this.#message(stanza, scope, contact, words);
      case 'presence':
        return this.#presence(head.type, contact, words);
      case 'iq': {
        // RFC 6120 §8.2.3: every request is answered, nothing else is.
        if (head.type !== 'get' && head.type !== 'set') return [];
        const request = { id: head.id ?? '', client: this.#around.client, contact };
        const [payload] = childrenOf(stanza, scope);
        return [await this.#iqSafely(request, head.type, payload, words)];
      }
      default:
        return [];
    }
  }

  /** What follows the result of the client's first request for its roster; `pushId` is one whose answer is swallowed. */
  introduce(pushId: string): readonly Uint8Array[] {
    const words = wordsFor(this.#around.lang);
    return [rosterPush(this.#around.client, pushId), this.#here(virtualContactJid, words)];
  }

  /** A word that nobody asked for. */
  announce<Kind extends AnnouncementKind>(kind: Kind, facts: AnnouncementFacts[Kind]): Uint8Array {
    const { client, lang, id } = this.#around;
    return contactMessage(announce(kind, facts, lang), { to: client, id: id(), lang });
  }

  #here(contact: string, words: Words): Uint8Array {
    return presenceOf(this.#around.client, contact, words, this.#around.desk.status().alarms.length);
  }

  async #message(stanza: Uint8Array, scope: Bindings, contact: string, words: Words): Promise<readonly Uint8Array[]> {
    const head = stanzaHead(stanza, scope);
    if (head.type === 'groupchat' || head.type === 'headline') return [];
    const text = bodyOf(stanza, scope);
    // Chat states, markers and receipts say nothing that wants an answer.
    if (text === undefined || text.trim() === '') return [];
    const { client, id } = this.#around;
    const reply = await this.#answer(text, words);
    const wantsReceipt = head.id !== undefined && findChild(stanza, scope, receipts, 'request') !== undefined;
    const receipt = wantsReceipt ? [element('received', { xmlns: receipts, id: head.id })] : [];
    return [contactMessage(reply, { to: client, from: bare(contact), id: id(), lang: words.language }, ...receipt)];
  }

  #answer(text: string, words: Words): Promise<string> {
    if (this.#waiting >= maxWaiting) return Promise.resolve(words.tooMany);
    this.#waiting++;
    const answered = this.#last.then(() => this.#run(text, words)).finally(() => this.#waiting--);
    this.#last = answered;
    return answered;
  }

  async #run(text: string, words: Words): Promise<string> {
    const { desk } = this.#around;
    try {
      const contacts = desk.contacts().map(({ jid }) => jid);
      return await answer(desk, words, readCommand(text, contacts));
    } catch (error) {
      return sorry(words, error);
    }
  }

  #presence(type: string | undefined, contact: string, words: Words): readonly Uint8Array[] {
    const { client } = this.#around;
    const from = bare(contact);
    switch (type) {
      case 'probe':
        return [this.#here(from, words)];
      case 'subscribe':
        return [presenceAnswer(client, from, 'subscribed'), this.#here(from, words)];
      case 'unsubscribe':
        return [presenceAnswer(client, from, 'unsubscribed')];
      default:
        return [];
    }
  }

  async #iqSafely(
    request: Request,
    type: 'get' | 'set',
    payload: Child | undefined,
    words: Words,
  ): Promise<Uint8Array> {
    try {
      return await this.#iq(request, type, payload, words);
    } catch (error) {
      // Elements where text belongs.
      if (error instanceof SimppError) return refusal(request, { type: 'modify', condition: 'bad-request' });
      throw error;
    }
  }

  async #iq(request: Request, type: 'get' | 'set', payload: Child | undefined, words: Words): Promise<Uint8Array> {
    if (payload === undefined) return refusal(request, { type: 'modify', condition: 'bad-request' });
    const is = (namespace: string, local: string): boolean => isElement(payload.tag, payload.scope, namespace, local);
    if (type === 'set') {
      // Its own place in the roster: it stays as it is, and the client need not know more.
      if (is(ns.roster, 'query')) return result({ ...request, contact: bare(request.client) });
      return is(adHocCommands, 'command')
        ? this.#adHoc.execute(request, payload, words)
        : refusal(request, unavailable);
    }
    const node = payload.tag.attributes.get('node');
    if (is(ns.discoInfo, 'query')) return found(request, discoInfo(node, words));
    if (is(ns.discoItems, 'query')) return found(request, discoItems(node, request.contact, words));
    if (is(ns.ping, 'ping')) return result(request);
    if (is(softwareVersion, 'query')) return result(request, versionAnswer(this.#around.version));
    if (is(vcardTemp, 'vCard')) return result(request, vcardAnswer(words));
    return refusal(request, unavailable);
  }
}

function found(request: Request, answer: ReturnType<typeof discoInfo>): Uint8Array {
  if (answer === undefined) return refusal(request, { type: 'cancel', condition: 'item-not-found' });
  return result(request, answer);
}

function bodyOf(stanza: Uint8Array, scope: Bindings): string | undefined {
  try {
    return childText(stanza, scope, ns.client, 'body');
  } catch (error) {
    // Elements inside a body: then it is no text.
    if (error instanceof SimppError) return undefined;
    throw error;
  }
}

function bare(jid: string): string {
  return jid.split('/', 1)[0]!;
}
