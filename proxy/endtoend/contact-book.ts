// Whom one can write to, and with which keys: what the directories say, judged
// against what is pinned (trust.ts), kept in the store, and remembered while it
// is fresh so that most messages wait for nobody.
import { equalBytes, toHex } from '../../shared/bytes.ts';
import type { Crypto } from '../../shared/crypto/provider.ts';
import { SimppError } from '../../shared/errors.ts';
import type { BundleDevice } from '../../shared/simpp/bundle-device.ts';
import { openBundle, type Bundle, type SkippedDevice } from '../../shared/simpp/contact-bundle.ts';
import type { SessionSender } from '../../shared/simpp/accept-session.ts';
import type { EndToEndStore } from '../store/endtoend/store.ts';
import type { Reached } from './crash-points.ts';
import type { Directories } from './directories.ts';
import { foundTtlMs, noneTtlMs } from './found-cache.ts';
import { freshest, isSameList } from './freshest.ts';
import type { Found, RawBundle } from './directory.ts';
import type { ContactRecord } from './records.ts';
import type { KeyKnowledge } from './sending-rules.ts';
import type { SessionBook } from './session-book.ts';
import { hasKeysOf, longGone, rawOf, withDevice, withMet } from './stored-bundle.ts';
import { blockOf, judge, stranger, type Block, type Known, type TrustNotice, type TrustPolicy } from './trust.ts';

/** A device to write to; without a bundle's device no new session can begin with it. */
export interface Target {
  readonly deviceId: string;
  readonly device: BundleDevice | undefined;
}

/** What is known of a contact at the moment of sending. */
export type Reach =
  | {
      readonly kind: 'usable';
      readonly contact: ContactRecord;
      readonly bundle: Bundle;
      readonly targets: readonly Target[];
    }
  | { readonly kind: 'undecided'; readonly block: Block }
  | Extract<KeyKnowledge, { readonly kind: 'unusable' | 'none' | 'unknown' }>;

export interface ContactBookDeps {
  readonly crypto: Crypto;
  readonly store: EndToEndStore;
  readonly sessions: SessionBook;
  readonly directories: Directories;
  readonly trustPolicy: () => TrustPolicy;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly reached: Reached;
  /** The person must hear of this. */
  readonly notify: (jid: string, notices: readonly TrustNotice[], skipped: readonly SkippedDevice[]) => void;
}

/** Contacts that are remembered at a time. */
const maxFresh = 4096;
const seenEveryMs = 3600 * 1000;

interface Fresh {
  readonly reach: Reach;
  readonly until: number;
}

export class ContactBook {
  readonly #deps: ContactBookDeps;
  readonly #fresh = new Map<string, Fresh>();
  readonly #looks = new Map<string, Promise<Reach>>();
  readonly #known = new Map<string, Known>();
  readonly #seen = new Map<string, number>();
  /** Skipped devices that the person was told of in this run. */
  readonly #saidSkipped = new Set<string>();

  constructor(deps: ContactBookDeps) {
    this.#deps = deps;
  }

  /** What is known and fresh, without waiting. */
  at(jid: string): Reach | undefined {
    const fresh = this.#fresh.get(jid);
    return fresh !== undefined && fresh.until > this.#deps.now() ? fresh.reach : undefined;
  }

  /** What is known, fetched anew where it is not fresh; never rejects. Several at once are one. */
  look(jid: string): Promise<Reach> {
    const fresh = this.at(jid);
    if (fresh !== undefined) return Promise.resolve(fresh);
    const running = this.#looks.get(jid);
    if (running !== undefined) return running;
    const look: Promise<Reach> = this.#look(jid).then((reach) => {
      // Unless it was forgotten while it was on its way: then its answer may be the one of before.
      if (this.#looks.get(jid) === look) {
        this.#looks.delete(jid);
        this.#keep(jid, reach);
      }
      return reach;
    });
    this.#looks.set(jid, look);
    return look;
  }

  /** What is stored of a contact; remembered, since each message asks. */
  known(jid: string): Known {
    const remembered = this.#known.get(jid);
    if (remembered !== undefined) return remembered;
    const { contacts } = this.#deps.store;
    const contact = contacts.get(jid);
    const known = contact === undefined ? stranger(jid) : { contact, devices: contacts.devices(jid) };
    this.#known.set(jid, known);
    const [oldest] = this.#known.keys();
    if (this.#known.size > maxFresh && oldest !== undefined) this.#known.delete(oldest);
    return known;
  }

  /** Keeps a decision, or what became of a bundle; ends the sessions of who is gone. */
  put(next: Known): void {
    const { store, sessions } = this.#deps;
    const { contact, devices } = next;
    const before = this.known(contact.jid);
    store.contacts.put(contact);
    const pinnedBefore = before.contact.kuA;
    const isOther = pinnedBefore !== undefined && (contact.kuA === undefined || !equalBytes(pinnedBefore, contact.kuA));
    if (isOther) sessions.endAll(contact.jid);
    for (const device of devices) {
      store.contacts.putDevice(device);
      if (device.state === 'removed') sessions.endAll(contact.jid, device.deviceId);
    }
    for (const { deviceId } of longGone(devices)) store.contacts.removeDevice(contact.jid, deviceId);
    this.#fresh.delete(contact.jid);
    this.#known.delete(contact.jid);
    this.#deps.reached('trust.changed-before-commit');
  }

  /** Something that no honest directory does: nothing is sent until the person has decided. */
  alarm(jid: string, text: string): void {
    const { contact, devices } = this.known(jid);
    if (contact.alarm === undefined) this.put({ contact: { ...contact, alarm: text }, devices });
  }

  /** A message came from a device: kept now and then, for who looks at devices and contacts. */
  seen(jid: string, deviceId: string): void {
    const { store, now } = this.#deps;
    const key = `${deviceId} ${jid}`;
    if (now() - (this.#seen.get(key) ?? -Infinity) < seenEveryMs) return;
    this.#seen.delete(key);
    this.#seen.set(key, now());
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > maxFresh && oldest !== undefined) this.#seen.delete(oldest);
    const { contact, devices } = this.known(jid);
    const device = devices.find((each) => each.deviceId === deviceId);
    store.contacts.put({ ...contact, lastMessageAt: now() });
    if (device !== undefined) store.contacts.putDevice({ ...device, lastSeen: now() });
    this.#known.delete(jid);
  }

  /** The next look asks the directories. */
  forget(jid: string): void {
    this.#fresh.delete(jid);
    this.#looks.delete(jid);
    this.#deps.directories.forget(jid);
  }

  /** All that is remembered may have been lost in the store. */
  forgetAll(): void {
    this.#fresh.clear();
    this.#known.clear();
  }

  /**
   * Who began a session: taken like a bundle's, when its KU_A is the pinned one or the first. `removed`: a device that
   * the newest list known does not name, which an older one cannot bring back.
   */
  met(jid: string, sender: SessionSender): 'pinned' | 'other' | 'removed' {
    const { crypto, trustPolicy, now } = this.#deps;
    const before = this.known(jid);
    const { contact } = before;
    if (contact.kuA !== undefined && !equalBytes(contact.kuA, sender.kuA.bytes)) {
      this.#judgeSender(before, sender);
      return 'other';
    }
    const deviceId = toHex(sender.certificate.deviceId);
    const isKnown = before.devices.some(
      (device) => device.deviceId === deviceId && device.state !== 'removed' && hasKeysOf(device, sender),
    );
    const isNewer = sender.list.version > contact.listVersion;
    const isSame = contact.listHash !== undefined && equalBytes(contact.listHash, sender.list.hash);
    const isTwin = contact.listHash !== undefined && sender.list.version === contact.listVersion && !isSame;
    if (isTwin) this.#judgeSender(before, sender);
    if (isKnown && !isNewer) return 'pinned';
    if (!isNewer && !isSame) return 'removed';
    // A list without its prekeys: whom it names is learnt now, the rest at the next look.
    const bundle = this.#opened(jid, withDevice(rawOf(before), sender));
    const judgement = judge(crypto, before, bundle === undefined ? [] : [bundle], trustPolicy(), now());
    const met = withMet(judgement, jid, sender, now());
    this.put({ contact: judgement.contact, devices: met.devices });
    this.#deps.notify(jid, [...judgement.notices, ...met.notices], []);
    this.forget(jid);
    return 'pinned';
  }

  /** Another key, or another list of the same version, began a session: kept for a decision, like from a directory. */
  #judgeSender(before: Known, sender: SessionSender): void {
    const { crypto, trustPolicy, now } = this.#deps;
    const bundle = this.#opened(before.contact.jid, { kuA: sender.kuA.bytes, list: sender.list.encoded, devices: [] });
    if (bundle === undefined) return;
    const judgement = judge(crypto, before, [bundle], trustPolicy(), now());
    this.put(judgement);
    this.#deps.notify(before.contact.jid, judgement.notices, []);
  }

  async #look(jid: string): Promise<Reach> {
    const { crypto, directories, store, trustPolicy, now } = this.#deps;
    const needsOneTime = store.sessions.live(jid).length === 0;
    const found = await directories.fetchAll(jid, needsOneTime);
    const given: Bundle[] = [];
    let failure: Omit<Extract<Found, { kind: 'failed' }>, 'kind'> | undefined;
    for (const each of found) {
      if (each.kind === 'failed') failure = each;
      if (each.kind !== 'bundle') continue;
      const bundle = this.#opened(jid, each.bundle);
      if (bundle === undefined) failure = { reason: `a directory gave keys of ${jid} that do not hold` };
      else given.push(bundle);
    }
    const before = this.known(jid);
    const isKnown = before.contact.kuA !== undefined;
    if (given.length === 0) {
      const reach = isKnown ? this.#fromStore(before) : undefined;
      if (reach !== undefined && reach.kind !== 'unusable') return reach;
      if (failure !== undefined) {
        const { reason, refused } = failure;
        return { kind: 'unknown', reason, refused };
      }
      return { kind: 'none', hadKeys: isKnown || before.contact.alarm !== undefined };
    }
    const stored = isKnown ? this.#opened(jid, rawOf(before)) : undefined;
    const bundles = freshest(given).map((each) =>
      stored !== undefined && isSameList(each, stored) ? freshest([each, stored])[0]! : each,
    );
    const judgement = judge(crypto, before, bundles, trustPolicy(), now());
    this.put(judgement);
    const { contact } = judgement;
    const bundle = bundles.find(
      ({ kuA, list }) =>
        contact.kuA !== undefined && equalBytes(kuA.bytes, contact.kuA) && list.version === contact.listVersion,
    );
    const skipped = (bundle?.skipped ?? []).filter((each) => each.isRetired !== true && this.#isNews(jid, each));
    this.#deps.notify(jid, judgement.notices, skipped);
    if (judgement.block !== undefined) return { kind: 'undecided', block: judgement.block };
    return bundle === undefined ? this.#fromStore(judgement) : this.#reach(judgement, bundle);
  }

  #keep(jid: string, reach: Reach): void {
    if (reach.kind === 'unknown') return;
    // Taken out and put back: the oldest makes room.
    this.#fresh.delete(jid);
    const ttlMs = reach.kind === 'none' ? noneTtlMs : foundTtlMs;
    this.#fresh.set(jid, { reach, until: this.#deps.now() + ttlMs });
    const [oldest] = this.#fresh.keys();
    if (this.#fresh.size > maxFresh && oldest !== undefined) this.#fresh.delete(oldest);
  }

  /** With the keys that are known from before: nobody answers, or only with an older list. */
  #fromStore(known: Known): Reach {
    const block = blockOf(known);
    if (block !== undefined) return { kind: 'undecided', block };
    const bundle = this.#opened(known.contact.jid, rawOf(known));
    return bundle === undefined ? { kind: 'unusable' } : this.#reach(known, bundle);
  }

  #reach(known: Known, bundle: Bundle): Reach {
    const { sessions } = this.#deps;
    const { contact } = known;
    const byId = new Map(bundle.devices.map((device) => [toHex(device.deviceId), device]));
    const targets = known.devices
      .filter(({ state }) => state === 'listed')
      .map(({ deviceId }): Target => ({ deviceId, device: byId.get(deviceId) }))
      .filter(
        ({ deviceId, device }) => device !== undefined || sessions.sendingTo(contact.jid, deviceId) !== undefined,
      );
    return targets.length === 0 ? { kind: 'unusable' } : { kind: 'usable', contact, bundle, targets };
  }

  #opened(jid: string, raw: RawBundle): Bundle | undefined {
    try {
      return openBundle(this.#deps.crypto, jid, raw, Math.floor(this.#deps.now() / 1000));
    } catch (error) {
      if (error instanceof SimppError) return undefined;
      throw error;
    }
  }

  #isNews(jid: string, { deviceId, reason }: SkippedDevice): boolean {
    const key = `${jid} ${deviceId === undefined ? '' : toHex(deviceId)} ${reason}`;
    if (this.#saidSkipped.has(key) || this.#saidSkipped.size > maxFresh) return false;
    this.#saidSkipped.add(key);
    return true;
  }
}
