// What devices say to each other by themselves: heartbeats, broken sessions,
// verifications, trust decisions, and the device lists that each one knows
// (docs/protocol.md §9.3 to §9.7).
import { equalBytes } from '../../shared/bytes.ts';
import type { Crypto } from '../../shared/crypto/provider.ts';
import { asSimppError, SimppError } from '../../shared/errors.ts';
import type { Content } from '../../shared/simpp/end-to-end-messages.ts';
import type { Entropy } from '../../shared/simpp/entropy.ts';
import { brokenContent } from '../../shared/xmpp/control-content.ts';
import { maxKeyOwners, writeTrustMessage, type TrustMessage } from '../../shared/xmpp/trust-message.ts';
import { errorFields } from '../log-error.ts';
import type { Log } from '../log.ts';
import type { EndToEndStore } from '../store/endtoend/store.ts';
import type { Announcer } from './announcer.ts';
import type { ContactBook } from './contact-book.ts';
import type { ControlWord } from './incoming.ts';
import type { Outgoing } from './outgoing.ts';
import type { OwnAccount } from './own-account.ts';
import type { SessionBook } from './session-book.ts';
import { afterDecision, decisionOf } from './trust-message.ts';
import { twoListsAlarm, type Known } from './trust.ts';
import type { Parties } from './verification.ts';
import { Verifications } from './verifications.ts';

export interface BetweenDevicesDeps {
  readonly jid: string;
  readonly crypto: Crypto;
  readonly entropy: Entropy;
  readonly store: EndToEndStore;
  readonly sessions: SessionBook;
  readonly contacts: ContactBook;
  readonly own: OwnAccount;
  readonly outgoing: Outgoing;
  readonly announcer: Announcer;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Sends over a stream of the account; false when there is none. */
  readonly send: (stanza: Uint8Array) => boolean;
  /** One's own entry in the directories is to be read anew. */
  readonly refresh: () => void;
  /** Both sides typed the right digits for this key. */
  readonly confirmed: (jid: string, kuA: Uint8Array) => void;
}

/** A new session with a device whose messages cannot be read, at most this often (§9.7). */
const brokenPauseMs = 10 * 60 * 1000;
const maxBroken = 10_000;
const refreshPauseMs = 60 * 1000;

export class BetweenDevices {
  readonly verifications: Verifications;
  readonly #deps: BetweenDevicesDeps;
  readonly #brokenAt = new Map<string, number>();
  /** Devices of one's own that know every decision, as far as this run has told them. */
  readonly #informed = new Set<string>();
  #refreshedAt = -Infinity;

  constructor(deps: BetweenDevicesDeps) {
    this.#deps = deps;
    const { crypto, entropy, now, announcer, confirmed } = deps;
    this.verifications = new Verifications({
      crypto,
      entropy,
      now,
      parties: (jid) => this.#parties(jid),
      send: (jid, content) => this.tell(jid, content, true),
      confirmed,
      news: (facts, reason) => announcer.say('verification', { ...facts, reason }),
    });
  }

  /** Sends control content; whether it went. */
  async tell(contact: string, content: Uint8Array, isForLater: boolean): Promise<boolean> {
    try {
      const stanza = await this.#deps.outgoing.control(contact, content, isForLater);
      return stanza !== undefined && this.#deps.send(stanza);
    } catch (error) {
      this.#deps.log.warn('control message not sent', { jid: contact, ...errorFields(asSimppError(error)) });
      return false;
    }
  }

  heard({ from, deviceId, meaning }: ControlWord): void {
    switch (meaning.kind) {
      case 'heartbeat':
        break;
      case 'broken':
        if (from !== this.#deps.jid) this.#deps.announcer.say('session-broken', { contact: from, device: deviceId });
        break;
      case 'verification':
        if (from === this.#deps.jid) break;
        this.verifications
          .received(from, meaning.verification)
          .catch((error: unknown) => this.#deps.log.warn('verification', errorFields(asSimppError(error))));
        break;
      case 'opt-out':
        if (from !== this.#deps.jid) this.#deps.announcer.say('opt-out', { contact: from });
        break;
      case 'trust':
        if (from !== this.#deps.jid) break;
        this.#trustFrom(meaning.trust).catch((error: unknown) =>
          this.#deps.log.warn('trust decisions', errorFields(asSimppError(error))),
        );
        break;
    }
  }

  /** Another device of ours has decided (XEP-0450): its session proves that it is ours, and its list that it counts. */
  async #trustFrom(trust: TrustMessage): Promise<void> {
    const { crypto, jid, contacts } = this.#deps;
    for (const decision of trust) {
      // About somebody whom this device has not met, whose key is looked up first.
      if (contacts.known(decision.jid).contact.kuA === undefined) await contacts.look(decision.jid);
      const next = afterDecision(crypto, jid, decision, contacts.known(decision.jid));
      if (next !== undefined) contacts.put(next);
    }
  }

  /** The other devices hear of a decision; those that cannot be written to yet, when they can (`shareDecisions`). */
  async tellOthers(known: Known): Promise<void> {
    const { crypto, jid, own } = this.#deps;
    const decision = decisionOf(crypto, known);
    if (decision === undefined || own.targets.length === 0) return;
    if (await this.tell(jid, writeTrustMessage([decision]), true)) return;
    this.#informed.clear();
  }

  /** A device that is new to this run hears of every decision there is (XEP-0450 §4). */
  async shareDecisions(): Promise<void> {
    const { own, store, crypto, jid } = this.#deps;
    const fresh = own.targets.filter(({ deviceId }) => !this.#informed.has(deviceId));
    if (fresh.length === 0 || own.standing !== 'listed') return;
    const decisions = store.contacts.all().map((contact) => decisionOf(crypto, { contact, devices: [] }));
    const made = decisions.filter((decision) => decision !== undefined).slice(0, maxKeyOwners);
    if (made.length > 0 && !(await this.tell(jid, writeTrustMessage(made), true))) return;
    for (const { deviceId } of fresh) this.#informed.add(deviceId);
  }

  /** §9.7: one new session, at most once in ten minutes for each device. */
  lost(contact: string, deviceId: string): void {
    const { now } = this.#deps;
    const key = `${deviceId} ${contact}`;
    // Whoever makes up messages, or devices, gets neither an answer nor a session for each of them.
    if (now() - (this.#brokenAt.get(key) ?? -Infinity) < brokenPauseMs || !this.#isDevice(contact, deviceId)) return;
    this.#brokenAt.delete(key);
    this.#brokenAt.set(key, now());
    const [oldest] = this.#brokenAt.keys();
    if (this.#brokenAt.size > maxBroken && oldest !== undefined) this.#brokenAt.delete(oldest);
    for (const { sessionId } of this.#deps.store.sessions.live(contact, deviceId)) {
      this.#deps.sessions.markBroken(contact, deviceId, sessionId);
    }
    this.#deps.contacts.forget(contact);
    void this.tell(contact, brokenContent, true);
  }

  #isDevice(contact: string, deviceId: string): boolean {
    const { jid, own, contacts } = this.#deps;
    if (contact === jid) return own.targets.some((target) => target.deviceId === deviceId);
    return contacts.known(contact).devices.some((each) => each.deviceId === deviceId && each.state !== 'removed');
  }

  /** A rollback by a directory shows in what the other one knows (§9.4). */
  compareLists(contact: string, content: Content): void {
    const { jid } = this.#deps;
    const { device, listHash } = this.#deps.own;
    if (content.recipientListVersion > device.listVersion) this.#refreshNowAndThen();
    else if (
      content.recipientListVersion === device.listVersion &&
      !equalBytes(content.recipientListHash, listHash) &&
      contact !== jid
    ) {
      this.#deps.announcer.say('two-lists', { contact: jid });
    }
    if (contact === jid) return;
    const { contact: known } = this.#deps.contacts.known(contact);
    if (content.senderListVersion > known.listVersion) this.#deps.contacts.forget(contact);
    else if (
      content.senderListVersion === known.listVersion &&
      known.listHash !== undefined &&
      !equalBytes(content.senderListHash, known.listHash)
    ) {
      this.#deps.contacts.alarm(contact, twoListsAlarm);
      this.#deps.announcer.say('two-lists', { contact });
    }
  }

  /** A contact can claim any version: it must not make us ask for each message. */
  #refreshNowAndThen(): void {
    const now = this.#deps.now();
    if (now - this.#refreshedAt < refreshPauseMs) return;
    this.#refreshedAt = now;
    this.#deps.refresh();
  }

  #parties(contact: string): Parties {
    const { kuA, nextKuA } = this.#deps.contacts.known(contact).contact;
    const theirs = nextKuA ?? kuA;
    if (theirs === undefined) throw new SimppError('key-missing', `No key of ${contact} is known yet.`);
    const { jid, kuA: ours } = this.#deps.own.identity;
    return { own: { jid, kuA: ours }, contact: { jid: contact, kuA: theirs } };
  }
}
