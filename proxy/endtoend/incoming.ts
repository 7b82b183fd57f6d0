// What comes from the server: opened once, by the digest of its ciphertext, and
// restored in every copy that the server sends of it (docs/protocol.md §9.4,
// §9.5; transparency.md §5.2). What could not be sealed by who it says it is
// from, is not shown as if it were.
import { toHex } from '../../shared/bytes.ts';
import { SimppError } from '../../shared/errors.ts';
import type { Content } from '../../shared/simpp/end-to-end-messages.ts';
import { messageDigest } from '../../shared/simpp/message.ts';
import { encryptedChild } from '../../shared/xmpp/encrypted-message.ts';
import { readEnvelope, type Envelope } from '../../shared/xmpp/envelope.ts';
import type { Meaning } from '../../shared/xmpp/envelope-content.ts';
import { isKeyEvent } from '../../shared/xmpp/key-event.ts';
import { marked } from '../../shared/xmpp/marked.ts';
import { ns } from '../../shared/xmpp/namespaces.ts';
import { plainContent, withBody, withoutActs } from '../../shared/xmpp/plain-content.ts';
import { restored, withText } from '../../shared/xmpp/restored.ts';
import { childText, findChild } from '../../shared/xmpp/stanza.ts';
import type { EndToEndStore } from '../store/endtoend/store.ts';
import type { ContactBook } from './contact-book.ts';
import type { Annotate, Policy } from './desk.ts';
import { hasHint, innerBecomes, innerMessage, type Came, type InnerMessage } from './inner-message.ts';
import { Opener, type OpenerDeps, type OpenedMessage } from './opened.ts';
import { goesDown, swallowed, type Outcome } from './outcome.ts';
import type { RecentEnvelopes } from './recent-envelopes.ts';
import { shownWords, type Unreadable } from './shown-words.ts';

/** A control content, and the device that said it. */
export interface ControlWord {
  readonly from: string;
  readonly deviceId: string;
  readonly meaning: Exclude<Meaning, { readonly kind: 'content' }>;
}

export interface IncomingDeps extends OpenerDeps {
  /** Bare. */
  readonly jid: string;
  readonly store: EndToEndStore;
  readonly recent: RecentEnvelopes;
  readonly contacts: ContactBook;
  readonly policyOf: (jid: string) => Policy;
  readonly annotate: () => Annotate;
  readonly heard: (word: ControlWord) => void;
  /** The ratchet stands still while one only listens (§9.3). */
  readonly heartbeatDue: (jid: string) => void;
  /** What a device sealed cannot be read any more: a new session is due (§9.7). */
  readonly lost: (jid: string, deviceId: string) => void;
  /** So many elements stood beside what was encrypted and were not shown (§9.5). */
  readonly dropped: (contact: string, count: number) => void;
  /** The lists that the sender knows, beside ours. */
  readonly lists: (jid: string, content: Content) => void;
}

/** What is known of a message that comes again; the id of what was archived. */
type Kept =
  | { readonly envelope: Envelope; readonly id?: string; readonly reason?: undefined }
  | { readonly envelope?: undefined; readonly reason: Unreadable };

const lateMs = 24 * 3600 * 1000;

export class Incoming {
  readonly #deps: IncomingDeps;
  readonly #opener: Opener;

  constructor(deps: IncomingDeps) {
    this.#deps = deps;
    this.#opener = new Opener(deps);
  }

  take(came: Came): Outcome {
    if (isKeyEvent(came.stanza, came.scope)) return swallowed;
    const inner = innerMessage(came, this.#deps.jid);
    if (inner === undefined) return goesDown(came.stanza);
    let c6: Uint8Array | undefined;
    try {
      c6 = encryptedChild(inner.stanza, inner.scope);
    } catch (error) {
      if (!(error instanceof SimppError)) throw error;
      return this.#unreadable(came, inner, 'malformed');
    }
    if (c6 === undefined) return this.#plain(came, inner);
    const digest = toHex(messageDigest(this.#deps.crypto, c6));
    const kept = this.#kept(digest);
    if (kept !== undefined) return this.#again(came, inner, kept);
    if (inner.address.type === 'error') return goesDown(came.stanza);
    return this.#open(came, inner, c6, digest);
  }

  /** For what a peer has made so that it cannot even be judged: it ends no stream, and shows nothing of itself. */
  unjudged({ stanza, scope, lang }: Came): Outcome {
    const text = shownWords(lang).unreadable.malformed;
    try {
      return goesDown(withText(stanza, scope, text).stanza);
    } catch (error) {
      if (error instanceof SimppError) return swallowed;
      throw error;
    }
  }

  #kept(digest: string): Kept | undefined {
    const { recent, store } = this.#deps;
    const envelope = recent.get(digest);
    if (envelope !== undefined) return { envelope: readEnvelope(envelope) };
    const archived = store.archive.get(digest);
    if (archived === undefined) return undefined;
    if (archived.state === 'unreadable') return { reason: (archived.text as Unreadable) || 'forged' };
    return { envelope: readEnvelope(archived.envelope), id: archived.id };
  }

  /** A copy of what was opened, or written, before; a digest alone would let anybody say it again (§9.4). */
  #again(came: Came, inner: InnerMessage, kept: Kept): Outcome {
    if (kept.envelope === undefined) return this.#unreadable(came, inner, kept.reason);
    if (!isSame(kept, inner)) {
      // Servers make errors of what they like: this one gives back nothing that was written here.
      return inner.address.type === 'error' ? goesDown(came.stanza) : this.#unreadable(came, inner, 'misaddressed');
    }
    if (kept.envelope.meaning.kind !== 'content') return swallowed;
    return this.#show(came, inner, kept.envelope);
  }

  #open(came: Came, inner: InnerMessage, c6: Uint8Array, digest: string): Outcome {
    const { store } = this.#deps;
    const opened = this.#opener.open(c6, inner.address);
    if (opened.kind === 'unreadable') return this.#lost(came, inner, digest, opened);
    const envelope = this.#envelope(opened.content, inner);
    if (typeof envelope === 'string') {
      return this.#lost(came, inner, digest, { kind: 'unreadable', reason: envelope, isLost: false });
    }
    this.#deps.lists(inner.address.from, opened.content);
    if (opened.isHeartbeatDue) this.#deps.heartbeatDue(inner.address.from);
    this.#keep(digest, inner, envelope, opened);
    const outcome = envelope.meaning.kind === 'content' ? this.#show(came, inner, envelope) : swallowed;
    if (envelope.meaning.kind !== 'content') {
      this.#deps.heard({ from: inner.address.from, deviceId: opened.deviceId, meaning: envelope.meaning });
    }
    return { ...outcome, durable: store.durableSoon() };
  }

  /** The envelope, if it is to and from whom the stanza says. */
  #envelope(content: Content, { address }: InnerMessage): Envelope | Unreadable {
    try {
      const envelope = readEnvelope(content.envelope);
      return envelope.from === address.from && envelope.to === address.to ? envelope : 'misaddressed';
    } catch (error) {
      if (error instanceof SimppError) return 'malformed';
      throw error;
    }
  }

  #keep(
    digest: string,
    inner: InnerMessage,
    envelope: Envelope,
    opened: Extract<OpenedMessage, { kind: 'opened' }>,
  ): void {
    const { store, recent, now } = this.#deps;
    const isPassing = hasHint(inner, 'no-store');
    if (isPassing) recent.put(digest, opened.content.envelope);
    else {
      const isContent = envelope.meaning.kind === 'content';
      store.archive.put({
        digest,
        contact: inner.contact,
        isOwn: inner.isOwn,
        at: isContent ? Math.min(envelope.time, now()) : now(),
        id: inner.address.id,
        state: 'encrypted',
        deviceId: opened.deviceId,
        envelope: opened.content.envelope,
        text: isContent ? (bodyOf(envelope) ?? '') : '',
      });
    }
  }

  #show(came: Came, inner: InnerMessage, envelope: Envelope): Outcome {
    const { stanza: shown, dropped } = restored(inner.stanza, inner.scope, envelope);
    if (dropped.length > 0) this.#deps.dropped(inner.contact, dropped.length);
    const words = shownWords(came.lang);
    const annotate = this.#deps.annotate();
    const isLate =
      annotate !== 'none' &&
      inner.copy?.kind !== 'history' &&
      Math.abs(this.#deps.now() - envelope.time) > lateMs &&
      findChild(inner.stanza, inner.scope, ns.delay, 'delay') === undefined;
    const late = isLate ? words.late(new Date(envelope.time).toISOString().slice(0, 16).replace('T', ' ')) : '';
    const mark = `${annotate === 'all' ? words.encrypted : ''}${late}`;
    return innerBecomes(came, inner, mark === '' ? shown : marked(shown, inner.scope, mark));
  }

  /** Shown once as what cannot be read, with its reason and the way out. */
  #lost(
    came: Came,
    inner: InnerMessage,
    digest: string,
    { reason, deviceId, isLost }: Extract<OpenedMessage, { kind: 'unreadable' }>,
  ): Outcome {
    const { store, now } = this.#deps;
    // Some of them can be read once something was decided; the others never.
    const isFinal = reason !== 'other-key' && reason !== 'device-waits';
    if (isLost && deviceId !== undefined && inner.copy?.kind !== 'history') {
      this.#deps.lost(inner.address.from, deviceId);
    }
    const outcome = this.#unreadable(came, inner, reason);
    if (!isFinal || hasHint(inner, 'no-store')) return outcome;
    store.archive.put({
      digest,
      contact: inner.contact,
      isOwn: inner.isOwn,
      at: now(),
      id: inner.address.id,
      state: 'unreadable',
      deviceId,
      envelope: new Uint8Array(0),
      text: reason,
    });
    return { ...outcome, durable: store.durableSoon() };
  }

  #unreadable(came: Came, inner: InnerMessage, reason: Unreadable): Outcome {
    // Nobody misses who is writing, or what devices say to each other.
    if (hasHint(inner, 'no-store') || hasHint(inner, 'no-permanent-store')) return swallowed;
    const text = shownWords(came.lang).unreadable[reason];
    return innerBecomes(came, inner, withText(inner.stanza, inner.scope, text).stanza);
  }

  /**
   * Plaintext in a conversation that is encrypted is marked, or refused, never shown as if nothing were (design §5,
   * Receiving). What history has, and what we are said to have written ourselves, is only marked: it may be from before
   * there were keys, and whoever can forge one of these can forge them all. What would change an earlier message, from
   somebody with keys, is not carried out: a mark could not say which message it was.
   */
  #plain(came: Came, inner: InnerMessage): Outcome {
    const { contacts, policyOf, annotate, jid } = this.#deps;
    const isWithPerson = inner.address.type !== 'error' && inner.contact.includes('@') && inner.contact !== jid;
    if (!isWithPerson) return goesDown(came.stanza);
    const { isShown, isActing } = plainContent(inner.stanza, inner.scope);
    if (!isShown && !isActing) return goesDown(came.stanza);
    const { contact } = contacts.known(inner.contact);
    // Rooms speak so. Who has a key, or a policy of their own, is none, whatever a server puts beside the words.
    const isPerson = contact.kuA !== undefined || contact.policy !== undefined;
    if (!isPerson && findChild(inner.stanza, inner.scope, ns.mucUser, 'x') !== undefined) return goesDown(came.stanza);
    const policy = policyOf(inner.contact);
    if (policy === 'off') return goesDown(came.stanza);
    const words = shownWords(came.lang);
    const isSaidToBeNew = !inner.isOwn && inner.copy?.kind !== 'history';
    if (policy === 'require' && isSaidToBeNew) {
      return innerBecomes(came, inner, withText(inner.stanza, inner.scope, words.refused).stanza);
    }
    if (contact.kuA === undefined || contact.hasOptedOut) return goesDown(came.stanza);
    const isRefused = isActing && isSaidToBeNew;
    if (isRefused && !isShown) {
      return innerBecomes(came, inner, withText(inner.stanza, inner.scope, words.refusedAct).stanza);
    }
    const rest = isRefused ? withoutActs(inner.stanza, inner.scope) : inner.stanza;
    if (!isShown || annotate() === 'none') return isRefused ? innerBecomes(came, inner, rest) : goesDown(came.stanza);
    const withMark = marked(rest, inner.scope, words.plaintext);
    // Where there is no text, the mark is one.
    const isMarked = withMark !== rest;
    return innerBecomes(came, inner, isMarked ? withMark : withBody(rest, inner.scope, words.plaintext.trim()));
  }
}

/** Whether it is the same message, from and to the same; an error gives back what was written here. */
function isSame({ envelope, id }: Extract<Kept, { readonly envelope: Envelope }>, { address }: InnerMessage): boolean {
  if (id !== undefined && id !== address.id) return false;
  if (address.type === 'error') return envelope.from === address.to;
  return envelope.from === address.from && envelope.to === address.to;
}

function bodyOf({ content, scope }: Envelope): string | undefined {
  try {
    return childText(content, scope, ns.client, 'body');
  } catch (error) {
    if (error instanceof SimppError) return undefined;
    throw error;
  }
}
