// One person's end-to-end engine: composes what seals, opens, publishes, judges
// and remembers, and serves every stream of the account. Streams come and go;
// it stays as long as the proxy runs.

import type { Crypto } from '../../shared/crypto/provider.ts';
import { asSimppError, SimppError } from '../../shared/errors.ts';
import type { Content } from '../../shared/simpp/end-to-end-messages.ts';
import type { Entropy } from '../../shared/simpp/entropy.ts';
import { brokenContent, heartbeatContent } from '../../shared/xmpp/control-content.ts';
import { equalBytes } from '../../shared/bytes.ts';
import { writeTrustMessage, type TrustMessage } from '../../shared/xmpp/trust-message.ts';
import type { IdentityKeeper } from '../identity/keeper.ts';
import { errorFields } from '../log-error.ts';
import type { Log } from '../log.ts';
import type { Errand, Tell } from '../stages/errand.ts';
import { isRestored } from '../store/endtoend/epochs.ts';
import type { EndToEndStore } from '../store/endtoend/store.ts';
import { Announcer } from './announcer.ts';
import { ContactBook } from './contact-book.ts';
import { blockText } from './contact/explain.ts';
import { VirtualContact } from './contact/virtual-contact.ts';
import type { Reached } from './crash-points.ts';
import { Directories } from './directories.ts';
import type { Annotate, Policy } from './desk.ts';
import type { GatewayDirectory } from './gateway-directory.ts';
import { Incoming, type ControlWord } from './incoming.ts';
import { newOwnId } from './own-id.ts';
import type { Outcome } from './outcome.ts';
import { Outgoing, writtenAgain } from './outgoing.ts';
import { OwnAccount } from './own-account.ts';
import { OwnKeyring } from './own-keyring.ts';
import { PepDirectory } from './pep-directory.ts';
import { PersonStreams, type PersonStream } from './person-streams.ts';
import { RecentEnvelopes } from './recent-envelopes.ts';
import { Requests } from './requests.ts';
import { SessionBook } from './session-book.ts';
import { afterDecision, decisionOf } from './trust-message.ts';
import type { Known } from './trust.ts';
import { Verifications } from './verifications.ts';
import { PersonDesk } from './person-desk.ts';

export interface PersonDeps {
  /** Bare, prepared. */
  readonly jid: string;
  readonly crypto: Crypto;
  readonly entropy: Entropy;
  readonly identities: IdentityKeeper;
  readonly store: EndToEndStore;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly reached: Reached;
  /** Of SIMPP. */
  readonly version: string;
  /** Absent in direct mode. */
  readonly gateway: GatewayDirectory | undefined;
  /** What holds where the person has set nothing. */
  readonly defaultPolicy: () => Policy;
}

/** A new session with a device whose messages cannot be read, at most this often (§9.7). */
const brokenPauseMs = 10 * 60 * 1000;
/** The engine is ready by then, or the login goes on without it (transparency.md §5.3). */
const readyMs = 2000;
const hourMs = 3600 * 1000;

/** A client's stream as the engine knows it. */
interface Attached {
  readonly stream: PersonStream;
  readonly request: { readonly jid: string; readonly send: (stanza: Uint8Array) => void };
  readonly contact: VirtualContact | undefined;
  isIntroduced: boolean;
}

export class Person {
  readonly desk: PersonDesk;
  readonly #deps: PersonDeps;
  readonly #streams = new PersonStreams();
  readonly #requests: Requests;
  readonly #sessions: SessionBook;
  readonly #keyring: OwnKeyring;
  readonly #directories: Directories;
  readonly #own: OwnAccount;
  readonly #contacts: ContactBook;
  readonly #outgoing: Outgoing;
  readonly #incoming: Incoming;
  readonly #announcer: Announcer;
  readonly #verifications: Verifications;
  readonly #attached = new Map<Tell, Attached>();
  readonly #brokenAt = new Map<string, number>();
  readonly #hourly: NodeJS.Timeout;
  #refreshing: Promise<void> | undefined;
  #refreshedAt = -Infinity;

  constructor(deps: PersonDeps) {
    const { jid, crypto, entropy, identities, store, log, now, reached, gateway } = deps;
    this.#deps = deps;
    const shared = { crypto, entropy, store, now, reached };
    this.#requests = new Requests(jid);
    this.#sessions = new SessionBook(shared);
    this.#keyring = new OwnKeyring(shared);
    const pep = new PepDirectory({ ownJid: jid, crypto, requests: this.#requests });
    this.#directories = new Directories({ ownJid: jid, gateway, pep });
    this.#announcer = new Announcer(
      {
        jid,
        crypto,
        log,
        say: (kind, facts) => {
          for (const { contact, stream } of this.#attached.values()) {
            if (contact !== undefined) stream.tell({ kind: 'show', stanza: contact.announce(kind, facts) });
          }
        },
      },
      now,
    );
    this.#own = new OwnAccount({
      ...shared,
      jid,
      identities,
      sessions: this.#sessions,
      keyring: this.#keyring,
      directories: this.#directories,
      notify: (notice) => this.#announcer.own(notice),
      changed: () => this.#own.forget(),
      overtaken: (epoch) => this.#beginAnew(epoch),
    });
    this.#contacts = new ContactBook({
      ...shared,
      sessions: this.#sessions,
      directories: this.#directories,
      trustPolicy: () => store.settings.get('trustPolicy') ?? 'blind',
      notify: (contact, notices, skipped) => {
        this.#announcer.trust(this.#contacts.known(contact).contact, notices);
        this.#announcer.skipped(contact, skipped);
      },
    });
    const recent = new RecentEnvelopes();
    const parts = {
      ...shared,
      jid,
      sessions: this.#sessions,
      contacts: this.#contacts,
      own: this.#own,
      keyring: this.#keyring,
      recent,
      policyOf: (contact: string) => this.policyOf(contact),
    };
    this.#outgoing = new Outgoing({
      ...parts,
      blockText,
      unsent: (number, to, reason) => this.#announcer.say('unsent', { number, to, reason }),
    });
    this.#incoming = new Incoming({
      ...parts,
      annotate: () => this.annotate,
      heard: (word) => this.#heard(word),
      heartbeatDue: (contact) => void this.#tell(contact, heartbeatContent, false),
      lost: (contact, deviceId) => this.#lost(contact, deviceId),
      lists: (contact, content) => this.#compareLists(contact, content),
    });
    this.#verifications = new Verifications({
      crypto,
      entropy,
      now,
      parties: (contact) => this.#parties(contact),
      send: (contact, content) => this.#tell(contact, content, true),
      confirmed: (contact, kuA) => this.desk.confirmed(contact, kuA),
      news: (facts, reason) => this.#announcer.say('verification', { ...facts, reason }),
    });
    this.desk = new PersonDesk({
      ...parts,
      identities,
      directories: this.#directories,
      verifications: this.#verifications,
      defaultPolicy: deps.defaultPolicy,
      isConnected: () => this.#streams.isConnected,
      refresh: () => this.#refreshNow(),
      tellOthers: (known) => void this.#tellOthers(known),
      tell: (contact, content) => this.#tell(contact, content, true),
      resend: (stanza) => this.#resend(stanza),
    });
    store.onLost(() => this.#forget());
    gateway?.onChanged((changed) => {
      if (changed === jid) void this.#refreshNow();
      else this.#contacts.forget(changed);
    });
    this.#startEpoch();
    this.#hourly = setInterval(() => this.#sweep(), hourMs).unref();
  }

  get annotate(): Annotate {
    return this.#deps.store.settings.get('annotate') ?? 'plaintext';
  }

  policyOf(contact: string): Policy {
    const { store, defaultPolicy } = this.#deps;
    return store.contacts.get(contact)?.policy ?? store.settings.get('policy') ?? defaultPolicy();
  }

  /** A stream of the account is bound. Its bind result goes on when the keys are published, or after two seconds. */
  bound(jid: string, lang: string | undefined, hasContact: boolean, tell: Tell): void {
    const { version, now } = this.#deps;
    const stream: PersonStream = { jid, lang, hasContact, tell };
    const request = { jid, send: (stanza: Uint8Array) => tell({ kind: 'send', stanza }) };
    const contact = hasContact
      ? new VirtualContact({ desk: this.desk, client: jid, lang, version, now, id: newOwnId })
      : undefined;
    this.#attached.set(tell, { stream, request, contact, isIntroduced: false });
    this.#streams.add(stream);
    this.#requests.attach(request);
    const ready = (): void => tell({ kind: 'ready' });
    const timer = setTimeout(ready, readyMs);
    void this.#refreshed().finally(() => {
      clearTimeout(timer);
      ready();
    });
  }

  gone(tell: Tell): void {
    const attached = this.#attached.get(tell);
    if (attached === undefined) return;
    this.#attached.delete(tell);
    this.#streams.remove(attached.stream);
    this.#requests.detach(attached.request);
  }

  answered({ stanza, scope }: Extract<Errand, { kind: 'answered' }>): void {
    this.#requests.answered(stanza, scope);
  }

  /** A claimed stanza; its outcome is told, at once where nothing has to be waited for. */
  claimed(errand: Extract<Errand, { kind: 'claimed' }>, tell: Tell): void {
    try {
      const outcome = this.#take(errand, tell);
      if (outcome instanceof Promise) {
        outcome.then(
          (settled) => this.#deliver(errand, settled, tell),
          (error: unknown) => this.#failed(errand, error, tell),
        );
      } else this.#deliver(errand, outcome, tell);
    } catch (error) {
      this.#failed(errand, error, tell);
    }
  }

  /** Puts everything that is needed to go on without skipping; to be followed by the store's close. */
  stop(): void {
    clearInterval(this.#hourly);
    this.#sessions.settle();
  }

  #take(errand: Extract<Errand, { kind: 'claimed' }>, tell: Tell): Outcome | Promise<Outcome> {
    const { claim, stanza, scope, isAskedFor } = errand;
    const attached = this.#attached.get(tell);
    const lang = attached?.stream.lang;
    switch (claim) {
      case 'seal':
        return this.#outgoing.take({ stanza, scope, lang });
      case 'open':
        return this.#incoming.take({ stanza, scope, lang, isAskedFor });
      case 'command':
        if (attached?.contact === undefined) return { up: [stanza], down: [] };
        return attached.contact.answer(stanza, scope).then((down) => ({ up: [], down }));
      case 'roster': {
        if (attached?.contact === undefined || attached.isIntroduced) return { up: [], down: [stanza] };
        attached.isIntroduced = true;
        return { up: [], down: [stanza, ...attached.contact.introduce(newOwnId())] };
      }
    }
  }

  /** What goes up waits for the disk; what goes down does not, but is acknowledged only then (§9.8). */
  #deliver(errand: Extract<Errand, { kind: 'claimed' }>, outcome: Outcome, tell: Tell): void {
    const { ticket, claim } = errand;
    const { up, down, durable } = outcome;
    const done = (isDurable: boolean): void => tell({ kind: 'done', ticket, up, down, isDurable });
    if (durable === undefined) return done(true);
    if (claim === 'open') {
      done(false);
      durable.then(
        () => tell({ kind: 'durable', ticket }),
        (error: unknown) => this.#broken(error, tell),
      );
      return;
    }
    durable.then(
      () => {
        if (claim === 'seal') this.#deps.reached('seal.after-commit-before-send');
        done(true);
        if (claim === 'seal') this.#deps.reached('seal.after-send');
      },
      (error: unknown) => this.#failed(errand, error, tell),
    );
  }

  /** Nothing that could not be kept is sent, nor acknowledged. */
  #failed(errand: Extract<Errand, { kind: 'claimed' }>, thrown: unknown, tell: Tell): void {
    const { claim, stanza, scope, ticket } = errand;
    const error = asSimppError(thrown);
    this.#deps.log.error('end-to-end encryption failed', { jid: this.#deps.jid, stage: claim, ...errorFields(error) });
    if (claim !== 'seal') return this.#broken(error, tell);
    const lang = this.#attached.get(tell)?.stream.lang;
    const { down } = this.#outgoing.refusedUnkept({ stanza, scope, lang }, '');
    tell({ kind: 'done', ticket, up: [], down, isDurable: true });
  }

  #broken(thrown: unknown, tell: Tell): void {
    tell({ kind: 'failed', error: asSimppError(thrown) });
  }

  /** Keys are published once for all streams that come within a moment. */
  #refreshed(): Promise<void> {
    if (this.#deps.now() - this.#refreshedAt < hourMs && this.#refreshing === undefined) return Promise.resolve();
    return this.#refreshNow();
  }

  #refreshNow(): Promise<void> {
    this.#refreshing ??= this.#own
      .refresh()
      .then(
        () => {
          this.#refreshedAt = this.#deps.now();
        },
        (error: unknown) =>
          this.#deps.log.error('keys not published', { jid: this.#deps.jid, ...errorFields(asSimppError(error)) }),
      )
      .finally(() => {
        this.#refreshing = undefined;
      });
    return this.#refreshing;
  }

  /** Sends control content; whether it went. */
  async #tell(contact: string, content: Uint8Array, isForLater: boolean): Promise<boolean> {
    try {
      const stanza = await this.#outgoing.control(contact, content, isForLater);
      return stanza !== undefined && this.#streams.send(stanza);
    } catch (error) {
      this.#deps.log.warn('control message not sent', { jid: contact, ...errorFields(asSimppError(error)) });
      return false;
    }
  }

  async #resend(stanza: Uint8Array): Promise<boolean> {
    const stream = this.#streams.all().at(-1);
    if (stream === undefined) throw new SimppError('not-running', 'No client of this account is connected.');
    const outcome = await this.#outgoing.take(writtenAgain(stanza, stream.lang));
    await outcome.durable;
    for (const sent of outcome.up) stream.tell({ kind: 'send', stanza: sent });
    return outcome.up.length > 0;
  }

  #heard({ from, deviceId, meaning }: ControlWord): void {
    switch (meaning.kind) {
      case 'heartbeat':
        break;
      case 'broken':
        if (from !== this.#deps.jid) this.#announcer.say('session-broken', { contact: from, device: deviceId });
        break;
      case 'verification':
        if (from === this.#deps.jid) break;
        this.#verifications
          .received(from, meaning.verification)
          .catch((error: unknown) => this.#deps.log.warn('verification', errorFields(asSimppError(error))));
        break;
      case 'opt-out':
        if (from !== this.#deps.jid) this.#announcer.say('opt-out', { contact: from });
        break;
      case 'trust':
        if (from === this.#deps.jid) this.#trustFrom(meaning.trust);
        break;
    }
  }

  /** Another device of ours has decided (XEP-0450): its session proves that it is ours, and its list that it counts. */
  #trustFrom(trust: TrustMessage): void {
    const { crypto, jid } = this.#deps;
    for (const decision of trust) {
      const next = afterDecision(crypto, jid, decision, this.#contacts.known(decision.jid));
      if (next !== undefined) this.#contacts.put(next);
    }
  }

  async #tellOthers(known: Known): Promise<void> {
    const decision = decisionOf(this.#deps.crypto, known);
    if (decision === undefined || this.#own.targets.length === 0) return;
    await this.#tell(this.#deps.jid, writeTrustMessage([decision]), true);
  }

  /** §9.7: one new session, at most once in ten minutes for each device. */
  #lost(contact: string, deviceId: string): void {
    const { now } = this.#deps;
    for (const { sessionId } of this.#deps.store.sessions.live(contact, deviceId)) {
      this.#sessions.markBroken(contact, deviceId, sessionId);
    }
    const key = `${deviceId} ${contact}`;
    if (now() - (this.#brokenAt.get(key) ?? -Infinity) < brokenPauseMs || this.#brokenAt.size > 10_000) return;
    this.#brokenAt.set(key, now());
    this.#contacts.forget(contact);
    void this.#tell(contact, brokenContent, true);
  }

  /** A rollback by a directory shows in what the other one knows (§9.4). */
  #compareLists(contact: string, content: Content): void {
    const { jid } = this.#deps;
    const { device, listHash } = this.#own;
    if (content.recipientListVersion > device.listVersion) void this.#refreshNow();
    else if (
      content.recipientListVersion === device.listVersion &&
      !equalBytes(content.recipientListHash, listHash) &&
      contact !== jid
    ) {
      this.#announcer.say('two-lists', { contact: jid });
    }
    if (contact === jid) return;
    const { contact: known } = this.#contacts.known(contact);
    if (content.senderListVersion > known.listVersion) this.#contacts.forget(contact);
    else if (
      content.senderListVersion === known.listVersion &&
      known.listHash !== undefined &&
      !equalBytes(content.senderListHash, known.listHash)
    ) {
      this.#announcer.say('two-lists', { contact });
    }
  }

  #parties(contact: string): { own: { jid: string; kuA: Uint8Array }; contact: { jid: string; kuA: Uint8Array } } {
    const { kuA, nextKuA } = this.#contacts.known(contact).contact;
    const theirs = nextKuA ?? kuA;
    if (theirs === undefined) throw new SimppError('key-missing', `No key of ${contact} is known yet.`);
    const { jid, kuA: ours } = this.#own.identity;
    return { own: { jid, kuA: ours }, contact: { jid: contact, kuA: theirs } };
  }

  /** A restored copy begins anew (§9.8): its sessions may have been used further elsewhere. */
  #startEpoch(): void {
    const { store, identities, jid } = this.#deps;
    const reading = store.epoch();
    const { database, beside } = reading;
    const known = identities.find(jid)?.stateEpoch ?? 0;
    const isNew = database === 0 && beside === 0;
    const isCopy = !isNew && (isRestored(reading) || known > database);
    if (isCopy) this.#beginAnew(Math.max(database, beside, known));
    else if (database === 0) this.#raiseEpoch(Math.max(beside, known) + 1);
  }

  /** The database is an older copy: sessions and prekeys are dropped, and the person is told. */
  #beginAnew(seen: number): void {
    const { jid, log, now } = this.#deps;
    this.#raiseEpoch(seen + 1);
    log.warn('database is an older copy; sessions begin anew', { jid });
    this.#announcer.say('restored-database', { at: now() });
  }

  #raiseEpoch(epoch: number): void {
    const { store, identities, jid } = this.#deps;
    store.raiseEpoch(epoch);
    this.#forget();
    const identity = identities.find(jid);
    if (identity !== undefined) {
      identities.replace({ ...identity, stateEpoch: epoch }, identities.recoveryEntropy(jid));
    }
  }

  #sweep(): void {
    try {
      const { skippedKeys } = this.#deps.store.sweep(this.#deps.now());
      if (skippedKeys > 0) this.#sessions.recount();
      this.#keyring.sweep();
      if (this.#keyring.dueInMs === 0 && this.#streams.isConnected) void this.#refreshNow();
    } catch (error) {
      this.#deps.log.error('archive not swept', { jid: this.#deps.jid, ...errorFields(asSimppError(error)) });
    }
  }

  #forget(): void {
    this.#sessions.forget();
    this.#keyring.forget();
    this.#contacts.forgetAll();
  }
}
