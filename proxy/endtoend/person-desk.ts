// The desk of one person: what can be asked and decided about end-to-end
// encryption of the account (desk.ts), answered from contacts, devices, outbox
// and archive.
import { equalBytes, toHex } from '../../shared/bytes.ts';
import type { Crypto } from '../../shared/crypto/provider.ts';
import { SimppError } from '../../shared/errors.ts';
import { approvalCode } from '../../shared/simpp/approval-code.ts';
import { fingerprintDigits, personFingerprint } from '../../shared/simpp/fingerprint.ts';
import { deviceListBody, signedObject } from '../../shared/simpp/messages.ts';
import { optOutContent } from '../../shared/xmpp/control-content.ts';
import { bareJid } from '../../shared/xmpp/jid.ts';
import type { IdentityKeeper } from '../identity/keeper.ts';
import { addDevice, recovered, removeDevice } from '../identity/membership.ts';
import { phraseOfEntropy, phraseEntropy } from '../identity/phrase.ts';
import { scryptAside } from '../identity/scrypt-aside.ts';
import type { EndToEndStore } from '../store/endtoend/store.ts';
import type { ContactBook } from './contact-book.ts';
import type { Reached } from './crash-points.ts';
import type {
  Annotate,
  ContactFacts,
  Desk,
  DeviceFacts,
  HistoryFacts,
  OutboxFacts,
  Policy,
  StatusFacts,
  VerificationFacts,
} from './desk.ts';
import { alarmsOf, contactFacts, deviceFacts, stateOf } from './desk-facts.ts';
import type { Directories } from './directories.ts';
import type { OwnAccount } from './own-account.ts';
import { bodyOf } from './own-standing.ts';
import { accept, refuse, reset, verify, verifyKey } from './trust-decision.ts';
import type { Known } from './trust.ts';
import type { Verifications } from './verifications.ts';
import { qrOf } from './verify-uri.ts';

export interface DeskDeps {
  readonly jid: string;
  readonly crypto: Crypto;
  readonly store: EndToEndStore;
  readonly identities: IdentityKeeper;
  readonly contacts: ContactBook;
  readonly own: OwnAccount;
  readonly directories: Directories;
  readonly verifications: Verifications;
  readonly policyOf: (jid: string) => Policy;
  readonly defaultPolicy: () => Policy;
  readonly now: () => number;
  readonly reached: Reached;
  readonly isConnected: () => boolean;
  /** Reads and publishes one's own entry. */
  readonly refresh: () => Promise<void>;
  /** One's other devices hear of a decision. */
  readonly tellOthers: (known: Known) => void;
  readonly tell: (jid: string, content: Uint8Array) => Promise<boolean>;
  /** Sends a stanza of the outbox; false when policy still holds it back. */
  readonly resend: (stanza: Uint8Array) => Promise<boolean>;
}

const maxSearched = 500;

export class PersonDesk implements Desk {
  readonly #deps: DeskDeps;

  constructor(deps: DeskDeps) {
    this.#deps = deps;
  }

  status(): StatusFacts {
    const { jid, crypto, store, own, directories, identities, defaultPolicy } = this.#deps;
    const identity = identities.find(jid);
    const contacts = store.contacts.all().filter(({ kuA }) => kuA !== undefined);
    const isWaiting = own.standing === 'waiting';
    return {
      jid,
      policy: store.settings.get('policy') ?? defaultPolicy(),
      annotate: store.settings.get('annotate') ?? 'plaintext',
      trustPolicy: store.settings.get('trustPolicy') ?? 'blind',
      fingerprint: identity && fingerprintDigits(personFingerprint(crypto, jid, identity.kuA)),
      verifyUri: identity && qrOf(jid, personFingerprint(crypto, jid, identity.kuA)),
      recovery: identity && this.#recovery(),
      device: identity && toHex(identity.deviceId),
      deviceState: stateOf(identity, own.standing),
      isPublished: own.isPublished,
      code: identity !== undefined && isWaiting ? approvalCode(crypto, bodyOf(identity.certificate)) : undefined,
      directories: directories.kinds,
      contacts: contacts.length,
      verified: contacts.filter(({ trust }) => trust === 'verified').length,
      outbox: store.outbox.count(),
      retention: String(store.settings.get('retention') ?? 'keep'),
      alarms: this.#alarms(),
    };
  }

  contacts(): readonly ContactFacts[] {
    return this.#deps.store.contacts.all().map(({ jid }) => this.#facts(this.#deps.contacts.known(jid)));
  }

  async contact(jid: string): Promise<ContactFacts> {
    const { contacts, isConnected } = this.#deps;
    const contact = bareJid(jid);
    if (isConnected()) {
      contacts.forget(contact);
      await contacts.look(contact);
    }
    return this.#facts(contacts.known(contact));
  }

  async verify(jid: string, fingerprint?: string): Promise<ContactFacts> {
    const contact = bareJid(jid);
    const { contacts, crypto, isConnected } = this.#deps;
    if (contacts.known(contact).contact.kuA === undefined && isConnected()) await contacts.look(contact);
    return this.#decided(verify(crypto, contacts.known(contact), fingerprint));
  }

  /** Both sides typed the right digits for this KU_A. */
  confirmed(jid: string, kuA: Uint8Array): void {
    void this.#decided(verifyKey(this.#deps.contacts.known(jid), kuA));
  }

  async decide(jid: string, decision: 'accept' | 'refuse' | 'reset'): Promise<ContactFacts> {
    const known = this.#deps.contacts.known(bareJid(jid));
    if (known.contact.kuA === undefined && known.contact.nextKuA === undefined) {
      throw new SimppError('usage', `No key of ${known.contact.jid} is known, so there is nothing to decide.`);
    }
    const decisions = { accept, refuse, reset } as const;
    return this.#decided(decisions[decision](known));
  }

  setPolicy(jid: string | undefined, policy: Policy | 'default'): void {
    const { store, contacts, tell } = this.#deps;
    const value = policy === 'default' ? undefined : policy;
    if (jid === undefined) store.settings.put('policy', value);
    else {
      const contact = bareJid(jid);
      const { contact: before, devices } = contacts.known(contact);
      contacts.put({ contact: { ...before, policy: value, hasOptedOut: false }, devices });
      // Whoever encrypts for us hears why we do not any more (transparency.md §5.5).
      if (value === 'off' && before.kuA !== undefined) void tell(contact, optOutContent);
    }
    store.flush();
  }

  setAnnotate(annotate: Annotate): void {
    this.#deps.store.settings.put('annotate', annotate);
    this.#deps.store.flush();
  }

  setTrustPolicy(policy: 'blind' | 'manual'): void {
    this.#deps.store.settings.put('trustPolicy', policy);
    this.#deps.contacts.forgetAll();
    this.#deps.store.flush();
  }

  setRetention(retention: 'keep' | 'none' | number): void {
    this.#deps.store.settings.put('retention', retention);
    this.#deps.store.sweep(this.#deps.now());
  }

  async startVerification(jid: string): Promise<VerificationFacts> {
    const { contacts, verifications } = this.#deps;
    const contact = bareJid(jid);
    if (contacts.known(contact).contact.kuA === undefined) await contacts.look(contact);
    return verifications.start(contact);
  }

  typeVerification(jid: string, typed: string): Promise<VerificationFacts> {
    return this.#deps.verifications.typed(bareJid(jid), typed);
  }

  verification(jid: string): VerificationFacts {
    return this.#deps.verifications.facts(bareJid(jid));
  }

  async devices(): Promise<readonly DeviceFacts[]> {
    if (this.#deps.isConnected()) await this.#deps.refresh();
    return this.#devices();
  }

  async approveDevice(id: string): Promise<readonly DeviceFacts[]> {
    const { own, crypto, now } = this.#deps;
    await this.devices();
    const waiting = own.waitingDevices.find(({ deviceId }) => toHex(deviceId) === id.toLowerCase());
    if (waiting === undefined) throw new SimppError('usage', `No device ${id} waits for approval.`);
    const claim = bodyOf(waiting.certificate);
    const { identity, added } = addDevice(own.identity, claim, crypto, seconds(now()));
    await own.publishList(identity, added);
    return this.#devices();
  }

  async removeDevice(id: string): Promise<readonly DeviceFacts[]> {
    const { own, crypto, now, store } = this.#deps;
    await this.devices();
    const certificate = own.certificates.find((each) => toHex(bodyOf(each).deviceId) === id.toLowerCase());
    if (certificate === undefined) throw new SimppError('usage', `${id} is not one of your devices.`);
    if (equalBytes(bodyOf(certificate).deviceId, own.identity.deviceId)) {
      throw new SimppError('usage', 'This is the device that you are using. Remove it from another one.');
    }
    await own.publishList(removeDevice(own.identity, certificate, crypto, seconds(now())), []);
    own.endSessionsWith(id.toLowerCase());
    store.flush();
    return this.#devices();
  }

  async recover(phrase: string): Promise<StatusFacts> {
    const { own, crypto, identities, jid, now, refresh, isConnected } = this.#deps;
    // The word list is of use only here.
    const { accountKeyOfDerived, recoveryDerivation } = await import('../../shared/simpp/recovery.ts');
    const krA = accountKeyOfDerived(crypto, await scryptAside(recoveryDerivation(phrase, jid)));
    if (!isConnected()) throw new SimppError('not-running', 'Connect a client of this account first.');
    await refresh();
    const found = own.entryOf(krA.publicKey.bytes);
    if (found === undefined) {
      throw new SimppError('usage', `These words do not belong to the devices of ${jid} that are published.`);
    }
    const list = deviceListBody.decode(signedObject.decode(found.list).body);
    const { identity, added } = recovered(own.identity, krA, list, crypto, seconds(now()));
    identities.replace(identity, phraseEntropy(phrase.normalize('NFKD').trim().toLowerCase().split(/\s+/u).join(' ')));
    // The others' certificates too: the list names them, and one that nobody gives is skipped (§9.1).
    await own.publishList(identity, [...found.devices.map(({ certificate }) => certificate), ...added]);
    return this.status();
  }

  recoveryPhrase(): string | undefined {
    const { identities, store, jid } = this.#deps;
    const entropy = identities.recoveryEntropy(jid);
    if (entropy === undefined) return undefined;
    store.settings.put('recoveryShown', true);
    store.flush();
    return phraseOfEntropy(entropy);
  }

  forgetRecovery(): void {
    const { identities, own } = this.#deps;
    identities.replace({ ...own.identity, krA: undefined }, undefined);
  }

  outbox(): readonly OutboxFacts[] {
    return this.#deps.store.outbox.all().map(({ number, to, at, reason, text }) => ({ number, to, at, reason, text }));
  }

  async resend(number?: number): Promise<number> {
    const { store, resend, reached } = this.#deps;
    const all = store.outbox.all().filter((message) => number === undefined || message.number === number);
    if (number !== undefined && all.length === 0)
      throw new SimppError('usage', `There is no message ${number} in the outbox.`);
    let sent = 0;
    for (const { number: each, stanza } of all) {
      const isSent = await resend(stanza);
      reached('outbox.resent-before-removal');
      // What is held back again has come in again, under another number.
      store.outbox.remove(each);
      await store.durable();
      if (isSent) sent++;
    }
    return sent;
  }

  discard(number?: number): number {
    const { store } = this.#deps;
    const all = store.outbox.all().filter((message) => number === undefined || message.number === number);
    for (const message of all) store.outbox.remove(message.number);
    store.flush();
    return all.length;
  }

  search(text: string, contact: string | undefined, limit: number): readonly HistoryFacts[] {
    const { store } = this.#deps;
    const found = store.archive.search(text, contact && bareJid(contact), Math.min(limit, maxSearched));
    return found.messages
      .filter((message) => message.text !== '' && message.state !== 'unreadable')
      .map(({ at, contact: jid, isOwn, text: body, state }) => ({ at, contact: jid, isOwn, text: body, state }));
  }

  #decided(known: Known): Promise<ContactFacts> {
    const { contacts, store, tellOthers } = this.#deps;
    contacts.put(known);
    store.flush();
    tellOthers(known);
    return Promise.resolve(this.#facts(contacts.known(known.contact.jid)));
  }

  #facts(known: Known): ContactFacts {
    return contactFacts(this.#deps.crypto, known, this.#deps.policyOf(known.contact.jid));
  }

  #recovery(): 'unseen' | 'shown' | 'gone' {
    const { identities, store, jid } = this.#deps;
    if (identities.recoveryEntropy(jid) === undefined) return 'gone';
    return store.settings.get('recoveryShown') === true ? 'shown' : 'unseen';
  }

  #devices(): readonly DeviceFacts[] {
    const { own, crypto, identities, jid } = this.#deps;
    const identity = identities.find(jid);
    return identity === undefined ? [] : deviceFacts(crypto, own, identity);
  }

  #alarms(): readonly string[] {
    return alarmsOf(this.#deps.jid, this.#deps.own, this.contacts());
  }
}

const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);
