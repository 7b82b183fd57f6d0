// What people write: judged by policy and trust, sealed for each device that is
// to read it, kept in the archive under its digest, and only then sent
// (docs/protocol.md §9.4, §9.8; transparency.md §5). A message that may not
// leave comes back as an error and waits in the outbox; it never leaves plain.
import { toHex } from '../../shared/bytes.ts';
import type { Crypto } from '../../shared/crypto/provider.ts';
import { SimppError } from '../../shared/errors.ts';
import { beginSession } from '../../shared/simpp/begin-session.ts';
import { maxWraps } from '../../shared/simpp/end-to-end-messages.ts';
import type { Entropy } from '../../shared/simpp/entropy.ts';
import { sealMessage } from '../../shared/simpp/message.ts';
import type { Session } from '../../shared/simpp/session.ts';
import { carried } from '../../shared/xml/inherited.ts';
import { noBindings, type Bindings } from '../../shared/xml/tag.ts';
import { writeControl, writeEncrypted } from '../../shared/xmpp/encrypted-message.ts';
import { writeEnvelope } from '../../shared/xmpp/envelope.ts';
import { ns } from '../../shared/xmpp/namespaces.ts';
import { sealable, type SealableMessage } from '../../shared/xmpp/sealable.ts';
import { stanzaError } from '../../shared/xmpp/stream-error.ts';
import type { EndToEndStore } from '../store/endtoend/store.ts';
import { addresseeOf } from './addressee.ts';
import type { ContactBook, Reach, Target } from './contact-book.ts';
import type { Reached } from './crash-points.ts';
import type { Policy } from './desk.ts';
import { newOwnId } from './own-id.ts';
import { goesUp, type Outcome } from './outcome.ts';
import type { OwnAccount } from './own-account.ts';
import type { RecentEnvelopes } from './recent-envelopes.ts';
import { refusalAnswer } from './refusal-words.ts';
import { verdictFor, verdictWithoutKeys, type KeyKnowledge, type Refusal } from './sending-rules.ts';
import type { SessionBook } from './session-book.ts';
import type { Block } from './trust.ts';

export interface OutgoingDeps {
  /** Bare. */
  readonly jid: string;
  readonly crypto: Crypto;
  readonly entropy: Entropy;
  readonly store: EndToEndStore;
  readonly sessions: SessionBook;
  readonly contacts: ContactBook;
  readonly own: OwnAccount;
  readonly recent: RecentEnvelopes;
  readonly policyOf: (jid: string) => Policy;
  readonly blockText: (jid: string, block: Block, lang: string | undefined) => string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly reached: Reached;
  /** The message waits in the outbox under this number. */
  readonly unsent: (number: number, to: string, reason: string) => void;
}

/** A client's stanza, and the language of its stream. */
export interface Written {
  readonly stanza: Uint8Array;
  readonly scope: Bindings;
  readonly lang: string | undefined;
}

interface Sealing {
  readonly session: Session;
  readonly isNew: boolean;
}

export class Outgoing {
  readonly #deps: OutgoingDeps;
  /** Devices as they were looked up, with whom a session was begun. */
  readonly #used = new WeakSet<object>();

  constructor(deps: OutgoingDeps) {
    this.#deps = deps;
  }

  /** What becomes of a client's message: at once where all is known, else when it is. */
  take(written: Written): Outcome | Promise<Outcome> {
    const { stanza, scope } = written;
    const message = sealable(stanza, scope);
    if (message.kind === 'nothing') return goesUp(stanza);
    const hasKey = (jid: string): boolean => this.#deps.contacts.known(jid).contact.kuA !== undefined;
    const addressee = addresseeOf(stanza, scope, this.#deps.jid, hasKey);
    if (addressee === undefined) return goesUp(stanza);
    const policy = this.#deps.policyOf(addressee.jid);
    if (policy === 'off') return goesUp(stanza);
    if (message.kind === 'not-encryptable') {
      return this.#withoutKeys(written, addressee.jid, policy, { kind: 'not-encryptable' });
    }
    if (addressee.kind === 'room') return this.#withoutKeys(written, addressee.jid, policy, { kind: 'room' });
    if (addressee.kind === 'service') return this.#withoutKeys(written, addressee.jid, policy, { kind: 'no-keys' });
    const { jid } = addressee;
    // Notes to oneself: for one's other devices, and this one's archive.
    if (jid === this.#deps.jid) return this.#decide(written, message, jid, policy, undefined);
    const known = this.#deps.contacts.at(jid);
    if (known !== undefined) return this.#decide(written, message, jid, policy, known);
    return this.#deps.contacts.look(jid).then((reach) => this.#decide(written, message, jid, policy, reach));
  }

  /**
   * Seals control content for every device of a contact, or of one's own, and gives the stanza; undefined where nobody
   * can be written to now. What it stands on is put, not yet durable.
   */
  async control(jid: string, content: Uint8Array, isForLater: boolean): Promise<Uint8Array | undefined> {
    const isOwn = jid === this.#deps.jid;
    const reach = isOwn ? undefined : await this.#deps.contacts.look(jid);
    if (this.#deps.own.standing !== 'listed' || (reach !== undefined && reach.kind !== 'usable')) return undefined;
    const id = newOwnId();
    const address = { from: this.#deps.jid, to: jid, type: 'chat', id };
    const envelope = this.#envelope(jid, content, undefined, undefined);
    const sealed = this.#seal(jid, reach, envelope, address);
    if (sealed === undefined) return undefined;
    this.#deps.recent.put(toHex(sealed.digest), envelope);
    await this.#deps.store.durable();
    return writeControl({ to: jid, id, isForLater }, sealed.c6);
  }

  #withoutKeys(
    written: Written,
    to: string,
    policy: Policy,
    refusal: Parameters<typeof verdictWithoutKeys>[1],
  ): Outcome {
    const verdict = verdictWithoutKeys(policy, refusal);
    return verdict.kind === 'refuse' ? this.#refused(written, to, verdict.refusal) : goesUp(written.stanza);
  }

  #decide(written: Written, message: SealableMessage, jid: string, policy: Policy, reach: Reach | undefined): Outcome {
    const { contacts, own } = this.#deps;
    const verdict = verdictFor({
      policy,
      keys: reach === undefined ? { kind: 'usable' } : this.#knowledge(jid, reach, written.lang),
      hasOptedOut: reach?.kind === 'usable' ? reach.contact.hasOptedOut : contacts.known(jid).contact.hasOptedOut,
      isWaiting: own.standing !== 'listed',
    });
    if (verdict.kind === 'clear') return goesUp(written.stanza);
    if (verdict.kind === 'refuse') return this.#refused(written, jid, verdict.refusal);
    return this.#send(written, message, jid, reach);
  }

  #knowledge(jid: string, reach: Reach, lang: string | undefined): KeyKnowledge {
    if (reach.kind === 'usable') return { kind: 'usable' };
    if (reach.kind !== 'undecided') return reach;
    return { kind: 'undecided', text: this.#deps.blockText(jid, reach.block, lang) };
  }

  #send(written: Written, message: SealableMessage, jid: string, reach: Reach | undefined): Outcome {
    const { store, now, recent, own, reached } = this.#deps;
    const envelope = this.#envelope(jid, message.content, message.lang, message.innerType);
    const address = { from: this.#deps.jid, to: jid, type: message.type, id: message.id ?? '' };
    try {
      const sealed = this.#seal(jid, reach, envelope, address);
      if (sealed === undefined) return this.#refused(written, jid, { kind: 'no-device' });
      const digest = toHex(sealed.digest);
      reached('seal.before-archive');
      if (message.kind === 'chat-state') recent.put(digest, envelope);
      else {
        store.archive.put({
          digest,
          contact: jid,
          isOwn: true,
          at: now(),
          id: address.id,
          state: 'encrypted',
          deviceId: toHex(own.device.deviceId),
          envelope,
          text: message.body ?? '',
        });
      }
      reached('seal.after-archive-before-commit');
      return { up: [writeEncrypted(message, sealed.c6)], down: [], durable: store.durable() };
    } catch (error) {
      if (error instanceof SimppError && error.code === 'storage-failed') {
        return this.refusedUnkept(written, jid);
      }
      throw error;
    }
  }

  #envelope(
    to: string,
    content: Uint8Array,
    lang: string | undefined,
    innerType: SealableMessage['innerType'],
  ): Uint8Array {
    const { jid: from, now, entropy } = this.#deps;
    return writeEnvelope({ content, from, to, time: now(), lang, innerType }, entropy);
  }

  #seal(
    jid: string,
    reach: Extract<Reach, { kind: 'usable' }> | Reach | undefined,
    envelope: Uint8Array,
    address: { readonly from: string; readonly to: string; readonly type: string; readonly id: string },
  ): { readonly c6: Uint8Array; readonly digest: Uint8Array } | undefined {
    const { crypto, entropy, own, sessions } = this.#deps;
    const usable = reach?.kind === 'usable' ? reach : undefined;
    const theirs = (usable?.targets ?? []).map((target) => this.#sessionWith(jid, target, usable));
    const found = theirs.filter((sealing) => sealing !== undefined);
    if (usable !== undefined && found.length === 0) return undefined;
    const ours = own.targets
      .map((target) => this.#sessionWith(this.#deps.jid, target, undefined))
      .filter((sealing) => sealing !== undefined);
    const all = [...found, ...ours].slice(0, maxWraps);
    const { device, listHash } = own;
    const sealed = sealMessage(
      { crypto, entropy },
      {
        ...address,
        deviceId: device.deviceId,
        content: {
          senderListVersion: device.listVersion,
          senderListHash: listHash,
          recipientListVersion: usable?.contact.listVersion ?? device.listVersion,
          recipientListHash: usable?.contact.listHash ?? listHash,
          envelope,
        },
        recipients: all.map(({ session }) => session),
      },
    );
    for (const [place, { session, isNew }] of all.entries()) {
      const after = sealed.sessions[place]!;
      if (isNew) sessions.add(after, 'us');
      else sessions.sent(session, after);
    }
    return sealed;
  }

  #sessionWith(
    jid: string,
    { deviceId, device }: Target,
    reach: Extract<Reach, { kind: 'usable' }> | undefined,
  ): Sealing | undefined {
    const { crypto, entropy, sessions, own, now } = this.#deps;
    const session = sessions.sendingTo(jid, deviceId);
    if (session !== undefined) return { session, isNew: false };
    const bundle = reach?.bundle ?? own.bundle;
    if (device === undefined || bundle === undefined) return undefined;
    const context = { crypto, entropy, now: Math.floor(now() / 1000) };
    // What was looked up serves for many sessions, its one-time key for one (§9.1).
    const isUsed = this.#used.has(device);
    this.#used.add(device);
    const offered = isUsed ? { ...device, oneTime: undefined } : device;
    const peer = { jid, kuA: bundle.kuA, listVersion: bundle.list.version, device: offered };
    return { session: beginSession(context, own.device, peer), isNew: true };
  }

  /** The error for the client; the message waits in the outbox. */
  #refused(written: Written, to: string, refusal: Refusal): Outcome {
    const { store, now, unsent } = this.#deps;
    const answer = refusalAnswer(refusal, to, written.lang);
    const message = sealable(written.stanza, written.scope);
    const isWorthKeeping = message.kind === 'content' && message.body !== undefined;
    if (isWorthKeeping) {
      try {
        const { number } = store.outbox.add({
          to,
          at: now(),
          reason: answer.text,
          id: message.id ?? '',
          stanza: carried(written.stanza, written.scope, plainScope),
          text: message.body ?? '',
        });
        unsent(number, to, answer.text);
      } catch (error) {
        if (error instanceof SimppError && error.code === 'storage-failed') return this.refusedUnkept(written, to);
        throw error;
      }
    }
    // Who writes, or has read something, is not worth an error of its own.
    const isSilent = message.kind === 'chat-state';
    const error = isSilent ? undefined : stanzaError(written.stanza, written.scope, answer);
    return { up: [], down: error === undefined ? [] : [error], durable: isWorthKeeping ? store.durable() : undefined };
  }

  /** The error where nothing can be kept: the client itself must send again. */
  refusedUnkept(
    { stanza, scope, lang }: Written,
    to: string,
    refusal: Extract<Refusal, { kind: 'storage-failed' | 'not-sealed' }> = { kind: 'storage-failed' },
  ): Outcome {
    const error = stanzaError(stanza, scope, refusalAnswer(refusal, to, lang));
    return { up: [], down: error === undefined ? [] : [error] };
  }
}

/** Bindings for stanzas that are kept: nothing but the usual namespace. */
const plainScope: Bindings = new Map([...noBindings, ['', ns.client]]);

/** A stanza of the outbox, to be judged like one that has just come. */
export function writtenAgain(stanza: Uint8Array, lang: string | undefined): Written {
  return { stanza, scope: plainScope, lang };
}
