// One person's end-to-end engine: composes what seals, opens, publishes, judges
// and remembers, and serves every stream of the account. Streams come and go;
// it stays as long as the proxy runs.
import type { Crypto } from '../../shared/crypto/provider.ts';
import { SimppError } from '../../shared/errors.ts';
import type { Entropy } from '../../shared/simpp/entropy.ts';
import { heartbeatContent } from '../../shared/xmpp/control-content.ts';
import type { IdentityKeeper } from '../identity/keeper.ts';
import type { Log } from '../log.ts';
import type { Errand, Tell } from '../stages/errand.ts';
import type { EndToEndStore } from '../store/endtoend/store.ts';
import { Announcer } from './announcer.ts';
import { BetweenDevices } from './between-devices.ts';
import { ContactBook } from './contact-book.ts';
import { blockText } from './contact/explain.ts';
import { VirtualContact } from './contact/virtual-contact.ts';
import type { Reached } from './crash-points.ts';
import { Delivery, type ClaimingStream } from './delivery.ts';
import { Directories } from './directories.ts';
import type { Policy } from './desk.ts';
import type { Directory } from './directory.ts';
import { Incoming } from './incoming.ts';
import { newOwnId } from './own-id.ts';
import { Outgoing, writtenAgain } from './outgoing.ts';
import { OwnAccount } from './own-account.ts';
import { OwnKeyring } from './own-keyring.ts';
import { PepDirectory } from './pep-directory.ts';
import { PersonDesk } from './person-desk.ts';
import { PersonStreams, type PersonStream } from './person-streams.ts';
import { RecentEnvelopes } from './recent-envelopes.ts';
import { Requests } from './requests.ts';
import { SessionBook } from './session-book.ts';
import { StateEpoch } from './state-epoch.ts';
import { Upkeep } from './upkeep.ts';

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
  readonly gateway: Directory | undefined;
  /** What holds where the person has set nothing. */
  readonly defaultPolicy: () => Policy;
}

/** The engine is ready by then, or the login goes on without it (transparency.md §5.3). */
const readyMs = 2000;

/** A client's stream as the engine knows it. */
interface Attached extends ClaimingStream {
  readonly stream: PersonStream;
  readonly request: { readonly jid: string; readonly send: (stanza: Uint8Array) => void };
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
  readonly #epoch: StateEpoch;
  readonly #contacts: ContactBook;
  readonly #outgoing: Outgoing;
  readonly #delivery: Delivery;
  readonly #announcer: Announcer;
  readonly #attached = new Map<Tell, Attached>();
  readonly #upkeep: Upkeep;
  #restoredAt: number | undefined;

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
    this.#epoch = new StateEpoch({
      jid,
      store,
      identities,
      dropped: () => this.#forget(),
      restored: () => {
        log.warn('database is an older copy; sessions begin anew', { jid });
        this.#restoredAt = now();
        this.#sayRestored();
      },
    });
    this.#own = new OwnAccount({
      ...shared,
      jid,
      identities,
      sessions: this.#sessions,
      keyring: this.#keyring,
      directories: this.#directories,
      notify: (notice) => this.#announcer.own(notice),
      changed: () => this.#own.forget(),
      stale: () => void this.#upkeep.refresh(),
      moved: () => this.#upkeep.hurry(),
      overtaken: (epoch) => this.#epoch.beginAnew(epoch),
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
    const between = new BetweenDevices({
      ...parts,
      outgoing: this.#outgoing,
      announcer: this.#announcer,
      log,
      send: (stanza) => this.#streams.send(stanza),
      refresh: () => void this.#upkeep.refresh(),
      confirmed: (contact, kuA) => this.desk.confirmed(contact, kuA),
    });
    const incoming = new Incoming({
      ...parts,
      annotate: () => store.settings.get('annotate') ?? 'plaintext',
      heard: (word) => between.heard(word),
      heartbeatDue: (contact) => void between.tell(contact, heartbeatContent, false),
      lost: (contact, deviceId) => between.lost(contact, deviceId),
      lists: (contact, content) => between.compareLists(contact, content),
      dropped: (contact, count) => log.warn('elements beside an encrypted message dropped', { jid: contact, count }),
    });
    this.#delivery = new Delivery({
      jid,
      log,
      reached,
      incoming,
      outgoing: this.#outgoing,
      streamOf: (tell) => this.#attached.get(tell),
    });
    this.desk = new PersonDesk({
      ...parts,
      identities,
      directories: this.#directories,
      verifications: between.verifications,
      defaultPolicy: deps.defaultPolicy,
      isConnected: () => this.#streams.isConnected,
      refresh: () => this.#upkeep.refresh(),
      tellOthers: (known) => void between.tellOthers(known),
      tell: (contact, content) => between.tell(contact, content, true),
      resend: (stanza) => this.#resend(stanza),
    });
    store.onLost(() => this.#forget());
    gateway?.onChanged((changed) => {
      if (changed === jid) void this.#upkeep.refresh();
      else this.#contacts.forget(changed);
    });
    this.#epoch.start();
    this.#upkeep = new Upkeep({
      jid,
      store,
      log,
      now,
      own: this.#own,
      keyring: this.#keyring,
      sessions: this.#sessions,
      isConnected: () => this.#streams.isConnected,
      refreshed: () => void between.shareDecisions(),
    });
  }

  policyOf(contact: string): Policy {
    const { store, defaultPolicy } = this.#deps;
    return this.#contacts.known(contact).contact.policy ?? store.settings.get('policy') ?? defaultPolicy();
  }

  /** A stream of the account is bound. Its bind result goes on when the keys are published, or after two seconds. */
  bound(jid: string, lang: string | undefined, hasContact: boolean, tell: Tell): void {
    const { version, now } = this.#deps;
    const stream: PersonStream = { jid, lang, hasContact, tell };
    const request = { jid, send: (stanza: Uint8Array) => tell({ kind: 'send', stanza }) };
    const contact = hasContact
      ? new VirtualContact({ desk: this.desk, client: jid, lang, version, now, id: newOwnId })
      : undefined;
    this.#attached.set(tell, { stream, request, lang, contact, isIntroduced: false });
    this.#streams.add(stream);
    this.#requests.attach(request);
    this.#sayRestored();
    const ready = (): void => tell({ kind: 'ready' });
    const timer = setTimeout(ready, readyMs);
    void this.#upkeep.refreshed().finally(() => {
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
    this.#delivery.claimed(errand, tell);
  }

  /** Forgets everything without putting anything: what is stored is another's now. */
  abandon(): void {
    this.#upkeep.stop();
    this.#forget();
  }

  /** Puts everything that is needed to go on without skipping; to be followed by the store's close. */
  stop(): void {
    this.#upkeep.stop();
    this.#sessions.settle();
  }

  async #resend(stanza: Uint8Array): Promise<boolean> {
    const stream = this.#streams.all().at(-1);
    if (stream === undefined) throw new SimppError('not-running', 'No client of this account is connected.');
    const outcome = await this.#outgoing.take(writtenAgain(stanza, stream.lang));
    await outcome.durable;
    for (const sent of outcome.up) stream.tell({ kind: 'send', stanza: sent });
    return outcome.up.length > 0;
  }

  /** It is noticed before anybody is connected who could hear it. */
  #sayRestored(): void {
    if (this.#restoredAt === undefined || !this.#streams.isConnected) return;
    this.#announcer.say('restored-database', { at: this.#restoredAt });
    this.#restoredAt = undefined;
  }

  #forget(): void {
    this.#sessions.forget();
    this.#keyring.forget();
    this.#contacts.forgetAll();
  }
}
