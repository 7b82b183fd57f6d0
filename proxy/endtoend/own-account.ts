// One's own entry in the directories (docs/protocol.md §9.1, §3): which devices
// the account has, whether this one is among them, and what is published of it.
// A directory that shows something else than what was published is answered by
// publishing again, or believed only where the account's own key has signed it.
import { equalBytes, toHex } from '../../shared/bytes.ts';
import type { Crypto } from '../../shared/crypto/provider.ts';
import { SimppError } from '../../shared/errors.ts';
import { certificateHash } from '../../shared/simpp/certificate.ts';
import type { SessionSender } from '../../shared/simpp/accept-session.ts';
import { openBundle, type Bundle } from '../../shared/simpp/contact-bundle.ts';
import type { OwnDevice } from '../../shared/simpp/session.ts';
import type { AccountIdentity } from '../identity/account-identity.ts';
import type { IdentityKeeper } from '../identity/keeper.ts';
import type { EndToEndStore } from '../store/endtoend/store.ts';
import type { Target } from './contact-book.ts';
import type { Reached } from './crash-points.ts';
import type { Directories } from './directories.ts';
import type { Found, RawBundle, WaitingDevice } from './directory.ts';
import { OwnIdentity } from './own-identity.ts';
import type { OwnKeyring } from './own-keyring.ts';
import { OwnPublication } from './own-publication.ts';
import {
  idOf,
  idsIn,
  listedIn,
  namesIn,
  placeIn,
  showsOlderCopy,
  standingWithoutEntry,
  targetsIn,
  type OwnNotice,
  type Standing,
} from './own-standing.ts';
import type { SessionBook } from './session-book.ts';

export interface OwnAccountDeps {
  readonly jid: string;
  readonly crypto: Crypto;
  readonly identities: IdentityKeeper;
  readonly store: EndToEndStore;
  readonly keyring: OwnKeyring;
  readonly sessions: SessionBook;
  readonly directories: Directories;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly reached: Reached;
  readonly notify: (notice: OwnNotice) => void;
  /** The account has another list than before: contacts hear of it in the next messages. */
  readonly changed: () => void;
  /** Another device of one's own is there that the entry as it was read does not have. */
  readonly stale: () => void;
  /** Devices have been let in or removed: what they do next is to be seen soon. */
  readonly moved: () => void;
  /** What this device has published shows that its database is an older copy (§9.8). */
  readonly overtaken: (epoch: number) => void;
}

export class OwnAccount {
  readonly #deps: OwnAccountDeps;
  readonly #certificates = new Map<string, Uint8Array>();
  readonly #said = new Set<string>();
  readonly #self: OwnIdentity;
  readonly #publication: OwnPublication;
  #standing: Standing = 'unknown';
  #bundle: Bundle | undefined;
  #waiting: readonly WaitingDevice[] = [];
  #entries: readonly RawBundle[] = [];
  /** Whoever was taken off the list does not ask to be let in again by itself. */
  #isRemoved = false;

  constructor(deps: OwnAccountDeps) {
    this.#deps = deps;
    this.#self = new OwnIdentity(deps);
    this.#publication = new OwnPublication({
      ...deps,
      own: this.#self,
      certificates: () => this.certificates,
      notPublished: (reason) => this.#once({ kind: 'not-published', reason }),
    });
  }

  get standing(): Standing {
    return this.#standing;
  }

  /** Whether a directory has them, as this run has seen. */
  get isPublished(): boolean {
    return this.#publication.isTaken;
  }

  /** This device waits, or another one is listed and cannot be written to yet. */
  get isUnfinished(): boolean {
    return this.#standing !== 'listed' || (this.#bundle?.skipped.length ?? 0) > 0;
  }

  get identity(): AccountIdentity {
    return this.#self.identity;
  }

  /** This device as it takes part in sessions. */
  get device(): OwnDevice {
    return this.#self.device;
  }

  get listHash(): Uint8Array {
    return this.#self.listHash;
  }

  get epoch(): number {
    return Math.max(1, this.#deps.store.epoch().database);
  }

  /** One's own other devices. */
  get targets(): readonly Target[] {
    return targetsIn(this.#bundle, this.identity.deviceId);
  }

  get bundle(): Bundle | undefined {
    return this.#bundle;
  }

  get waitingDevices(): readonly WaitingDevice[] {
    return this.#waiting;
  }

  /** Every certificate that the list names, as far as it was seen. */
  get certificates(): readonly Uint8Array[] {
    const own = this.identity.certificate;
    const known = new Map(this.#certificates).set(toHex(certificateHash(this.#deps.crypto, own)), own);
    const names = namesIn(this.identity.deviceList);
    return names.map((name) => known.get(name)).filter((certificate) => certificate !== undefined);
  }

  /** Another device of one's own has begun a session: its certificate and list were signed by our KU_A. */
  met({ list, certificateName, certificateEncoded }: SessionSender): 'pinned' | 'removed' {
    const { identity } = this;
    const isListed = namesIn(identity.deviceList).includes(toHex(certificateName));
    if (isListed) return 'pinned';
    if (list.version <= identity.listVersion) return 'removed';
    this.#certificates.set(toHex(certificateName), certificateEncoded);
    // The newer list itself comes from the directory, with the prekeys.
    this.#deps.stale();
    return 'pinned';
  }

  /** Reads one's own entry, takes one's place in it, and publishes what is missing; never rejects for what directories do. */
  async refresh(): Promise<void> {
    const { jid, directories, store } = this.#deps;
    directories.forget(jid);
    this.#read(await directories.fetchAll(jid, false));
    if (this.#standing === 'waiting' && !this.#isRemoved) await this.#publication.ask();
    if (this.#standing !== 'listed') return;
    const prekey = this.#deps.keyring.current(this.identity, this.epoch);
    const oneTimeKeys = this.#publication.freshOneTimeKeys();
    await store.durable();
    this.#deps.reached('prekey.rotated-before-publish');
    await this.#publication.publish({ prekey, oneTimeKeys });
    this.#deps.reached('prekey.published');
  }

  /** What a directory shows of the account under this KU_A. */
  entryOf(kuA: Uint8Array): RawBundle | undefined {
    return this.#entries.find((entry) => equalBytes(entry.kuA, kuA));
  }

  /** A device of one's own is gone. */
  endSessionsWith(deviceId: string): void {
    this.#deps.sessions.endAll(this.#deps.jid, deviceId);
  }

  /** Publishes another list, with the certificates that are new in it. */
  async publishList(identity: AccountIdentity, added: readonly Uint8Array[], rollover?: Uint8Array): Promise<void> {
    const { crypto, identities, jid } = this.#deps;
    for (const certificate of added) this.#certificates.set(toHex(certificateHash(crypto, certificate)), certificate);
    identities.replace(identity, identities.recoveryEntropy(jid));
    this.#standing = 'listed';
    this.#isRemoved = false;
    this.#deps.changed();
    await this.#publication.publish({ prekey: this.#deps.keyring.current(identity, this.epoch), rollover });
    await this.refresh();
    this.#deps.moved();
  }

  forget(): void {
    this.#self.forget();
  }

  #read(found: readonly Found[]): void {
    const bundles: { readonly raw: RawBundle; readonly bundle: Bundle }[] = [];
    this.#waiting = [];
    for (const each of found) {
      if (each.kind !== 'bundle') continue;
      this.#waiting = [...this.#waiting, ...each.waiting];
      const bundle = this.#opened(each.bundle);
      if (bundle !== undefined) bundles.push({ raw: each.bundle, bundle });
    }
    this.#entries = bundles.map(({ raw }) => raw);
    const { identity } = this;
    const ours = bundles
      .filter(({ bundle }) => equalBytes(bundle.kuA.bytes, identity.kuA))
      .toSorted((a, b) => b.bundle.list.version - a.bundle.list.version)[0];
    const others = bundles.filter(({ bundle }) => !equalBytes(bundle.kuA.bytes, identity.kuA));
    if (ours !== undefined) this.#readOurs(ours.raw, ours.bundle, identity);
    else if (others[0] !== undefined) this.#readOther(others[0].raw, identity);
    else if (this.#standing === 'unknown') this.#standing = standingWithoutEntry(identity, found);
    if (ours !== undefined && others[0] !== undefined) this.#once({ kind: 'other-key', kuA: others[0].raw.kuA });
    // What a directory still shows of one that is listed meanwhile is litter.
    const listed = new Set([this.identity.deviceId, ...(this.#bundle?.devices ?? []).map(idOf)].map(toHex));
    this.#waiting = this.#waiting.filter(({ deviceId }) => !listed.has(toHex(deviceId)));
    for (const device of this.#waiting) this.#once({ kind: 'device-waiting', device });
  }

  /** The account's own key has signed it: a newer list than ours is the account's, whoever of its devices made it. */
  #readOurs(raw: RawBundle, bundle: Bundle, identity: AccountIdentity): void {
    const { crypto, identities, jid } = this.#deps;
    const seconds = Math.floor(this.#deps.now() / 1000);
    listedIn(raw, bundle, crypto, seconds).forEach((each, name) => this.#certificates.set(name, each));
    if (bundle.list.version > identity.listVersion) {
      const member = placeIn(raw, identity, this.#deps.crypto, Math.floor(this.#deps.now() / 1000));
      if (member !== undefined) identities.replace(member, identities.recoveryEntropy(jid));
      this.#standing = member === undefined ? 'waiting' : 'listed';
      this.#deps.changed();
      this.#endSessionsWithRemoved(bundle);
    } else {
      this.#standing = 'listed';
      const [seen, known] = [bundle.list.version, identity.listVersion];
      if (seen < known) this.#once({ kind: 'list-rolled-back', seen, known });
    }
    // Under our own KU_A there was a list before that named us.
    this.#isRemoved = this.#standing === 'waiting';
    if (this.#isRemoved) this.#once({ kind: 'removed' });
    const before = this.#bundle;
    this.#bundle = this.#underOurList(raw, bundle);
    this.#compare(bundle);
    for (const device of this.#bundle?.devices ?? []) {
      const isNew = before !== undefined && !before.devices.some((old) => equalBytes(old.deviceId, device.deviceId));
      if (isNew && !equalBytes(device.deviceId, identity.deviceId))
        this.#deps.notify({ kind: 'device-added', deviceId: toHex(device.deviceId) });
    }
  }

  /** What this device has published, beside what it has here. */
  #compare(bundle: Bundle): void {
    const published = bundle.devices.find(({ deviceId }) => equalBytes(deviceId, this.identity.deviceId))?.prekey;
    if (published === undefined || !showsOlderCopy(published, this.#deps.keyring, this.epoch)) return;
    this.#deps.overtaken(Math.max(published.epoch, this.epoch));
  }

  /** What a directory shows of our devices, under the newest list: an older one brings no device back (§9.1). */
  #underOurList(raw: RawBundle, bundle: Bundle): Bundle | undefined {
    const { deviceList, listVersion } = this.identity;
    return bundle.list.version > listVersion ? bundle : this.#opened({ ...raw, list: deviceList });
  }

  /** A device that is not listed any more says nothing in our name, and nothing to us. */
  #endSessionsWithRemoved({ list }: Bundle): void {
    const { jid, sessions, store } = this.#deps;
    const certificates = namesIn(list.encoded).map((name) => this.#certificates.get(name));
    const listed = idsIn(certificates);
    for (const { deviceId } of store.sessions.live(jid)) if (!listed.has(deviceId)) sessions.endAll(jid, deviceId);
  }

  /** Another KU_A has the address. A device that never was listed asks to be admitted; one that was keeps its own and warns. */
  #readOther(raw: RawBundle, identity: AccountIdentity): void {
    const { identities, jid } = this.#deps;
    const member = placeIn(raw, identity, this.#deps.crypto, Math.floor(this.#deps.now() / 1000));
    if (member !== undefined) {
      identities.replace(member, undefined);
      this.#standing = 'listed';
      this.#bundle = this.#opened(raw);
      this.#deps.changed();
      return;
    }
    if (identity.state === 'registered') {
      this.#standing = 'listed';
      this.#once({ kind: 'other-key', kuA: raw.kuA });
      return;
    }
    this.#standing = 'waiting';
    identities.record(jid, 'pending');
  }

  /** Says a thing once in a run. */
  #once(notice: OwnNotice): void {
    const key = JSON.stringify(notice, (_key, value: unknown) => (value instanceof Uint8Array ? toHex(value) : value));
    if (this.#said.has(key) || this.#said.size > 1000) return;
    this.#said.add(key);
    this.#deps.notify(notice);
  }

  #opened(raw: RawBundle): Bundle | undefined {
    const { crypto, jid, now } = this.#deps;
    try {
      return openBundle(crypto, jid, raw, Math.floor(now() / 1000));
    } catch (error) {
      if (error instanceof SimppError) return undefined;
      throw error;
    }
  }
}
