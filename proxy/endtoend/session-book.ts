// The sessions of an account with every device it talks to (docs/protocol.md
// §9.2, §9.8): decoded while they are in use, and put into the store whenever
// that is needed before something leaves. A lease of send steps makes one put
// last for many messages; after a crash the rest of it is skipped.
import { toHex } from '../../shared/bytes.ts';
import type { Crypto } from '../../shared/crypto/provider.ts';
import type { SkippedKeys } from '../../shared/simpp/ratchet.ts';
import { decodeSession, encodeSession } from '../../shared/simpp/session-codec.ts';
import { needsRenewal, sendingNumber, skipSending, withoutSkipped, type Session } from '../../shared/simpp/session.ts';
import type { EndToEndStore } from '../store/endtoend/store.ts';
import type { Reached } from './crash-points.ts';
import type { SessionRecord } from './records.ts';

/** Send steps that one commit covers (§9.8). */
export const leaseSteps = 64;
/** Live sessions between two devices (§9.2). */
export const maxSessions = 5;
/** Devices whose sessions stay decoded. */
const maxDecoded = 2048;

interface Entry {
  session: Session;
  record: SessionRecord;
}

export type FoundSession =
  { readonly kind: 'live'; readonly session: Session } | { readonly kind: 'ended' } | { readonly kind: 'unknown' };

export interface SessionBookDeps {
  readonly crypto: Crypto;
  readonly store: EndToEndStore;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly reached: Reached;
}

export class SessionBook {
  readonly #deps: SessionBookDeps;
  /** By JID and device, the one unused for longest first. */
  readonly #decoded = new Map<string, Entry[]>();

  constructor(deps: SessionBookDeps) {
    this.#deps = deps;
  }

  /** The session to send in: that which received last, or began last while none has; none when a new one is due. */
  sendingTo(jid: string, deviceId: string): Session | undefined {
    const now = Math.floor(this.#deps.now() / 1000);
    const usable = this.#of(jid, deviceId).filter(
      ({ session, record }) => !record.isBroken && !needsRenewal(session, now),
    );
    const latest = usable.reduce<Entry | undefined>(
      (best, entry) => (best && isLater(best, entry) ? best : entry),
      undefined,
    );
    return latest?.session;
  }

  /** The session that a wrap names, if it is one with this device. */
  find(jid: string, deviceId: string, sessionId: string): FoundSession {
    const entry = this.#of(jid, deviceId).find(({ record }) => record.sessionId === sessionId);
    if (entry !== undefined) return { kind: 'live', session: entry.session };
    const record = this.#deps.store.sessions.get(sessionId);
    return { kind: record === undefined ? 'unknown' : 'ended' };
  }

  /** Keeps a session that we or the peer have begun; the oldest beyond five ends. */
  add(session: Session, by: 'us' | 'peer'): void {
    const { now, reached } = this.#deps;
    const jid = session.peerJid;
    const deviceId = toHex(session.peerDeviceId);
    const record: SessionRecord = {
      sessionId: toHex(session.id),
      jid,
      deviceId,
      state: encodeSession(session),
      leasedTo: 0,
      begunAt: now(),
      isBroken: false,
      ...(by === 'peer' && { lastReceivedAt: now() }),
    };
    const entries = this.#of(jid, deviceId);
    const entry = { session, record };
    entries.push(entry);
    this.#put(entry, leased(session));
    reached(by === 'us' ? 'session.begun-before-commit' : 'session.accepted-before-commit');
    while (entries.length > maxSessions) this.#end(entries.shift()!);
  }

  /** A message was sealed in it: `before` is the session that sealed it. */
  sent(before: Session, after: Session): void {
    const entry = this.#entry(after);
    if (entry === undefined) return;
    entry.session = after;
    const isNewChain = sendingNumber(before) === undefined;
    const next = sendingNumber(after) ?? 0;
    // The step that was used, next - 1, is covered while it lies within the lease.
    if (isNewChain || next > entry.record.leasedTo) {
      this.#put(entry, next + leaseSteps);
      this.#deps.reached('lease.taken-before-commit');
    }
  }

  /** A message was opened in it, and these keys were skipped or used for that. */
  received(after: Session, skipped: SkippedKeys): void {
    const entry = this.#entry(after);
    if (entry === undefined) return;
    entry.session = after;
    entry.record = { ...entry.record, lastReceivedAt: this.#deps.now(), isBroken: false };
    // A reply begins a chain of its own, or goes on in one that is leased already.
    this.#put(entry, sendingNumber(after) === undefined ? 0 : entry.record.leasedTo);
    this.#keep(after, skipped);
  }

  /** Keys that were skipped by the first message of a session. */
  skipped(session: Session, skipped: SkippedKeys): void {
    this.#keep(session, skipped);
  }

  skippedKey(session: Session, dh: Uint8Array, number: number): Uint8Array | undefined {
    if (session.skippedCount === 0) return undefined;
    return this.#deps.store.skippedKeys.get(toHex(session.id), toHex(dh), number)?.key;
  }

  /** Nothing is sent in it any more; what still comes may open. */
  markBroken(jid: string, deviceId: string, sessionId: string): void {
    const entry = this.#of(jid, deviceId).find(({ record }) => record.sessionId === sessionId);
    if (entry === undefined || entry.record.isBroken) return;
    entry.record = { ...entry.record, isBroken: true };
    this.#put(entry, entry.record.leasedTo);
  }

  /** Ends every session with a device, or with all devices of a JID: they are not the contact's any more. */
  endAll(jid: string, deviceId?: string): void {
    const devices = new Set(this.#deps.store.sessions.live(jid, deviceId).map((record) => record.deviceId));
    for (const device of devices) {
      const entries = this.#of(jid, device);
      for (const entry of entries.splice(0)) this.#end(entry);
    }
  }

  /** Forgets what is decoded: the store has lost, or dropped, what it was made of. */
  forget(): void {
    this.#decoded.clear();
  }

  /** Puts every state as it is, without a lease: nothing is skipped after an orderly end. */
  settle(): void {
    for (const entries of this.#decoded.values()) {
      for (const entry of entries) {
        if (entry.record.leasedTo > (sendingNumber(entry.session) ?? 0))
          this.#put(entry, sendingNumber(entry.session) ?? 0);
      }
    }
    this.#decoded.clear();
  }

  #of(jid: string, deviceId: string): Entry[] {
    const key = `${deviceId} ${jid}`;
    const known = this.#decoded.get(key) ?? this.#read(jid, deviceId);
    // Taken out and put back, so that the first in the map is the one unused for longest.
    this.#decoded.delete(key);
    this.#decoded.set(key, known);
    if (this.#decoded.size > maxDecoded) this.#dropOldest();
    return known;
  }

  /** What is dropped is put first, so that no lease is skipped for it. */
  #dropOldest(): void {
    const [oldest] = this.#decoded;
    if (oldest === undefined) return;
    for (const entry of oldest[1]) this.#put(entry, sendingNumber(entry.session) ?? 0);
    this.#decoded.delete(oldest[0]);
  }

  #read(jid: string, deviceId: string): Entry[] {
    const { crypto, store } = this.#deps;
    return store.sessions.live(jid, deviceId).map((record) => {
      const session = decodeSession(crypto, record.state);
      return { session: skipSending(crypto, session, record.leasedTo), record };
    });
  }

  #entry(session: Session): Entry | undefined {
    const sessionId = toHex(session.id);
    return this.#of(session.peerJid, toHex(session.peerDeviceId)).find(({ record }) => record.sessionId === sessionId);
  }

  #put(entry: Entry, leasedTo: number): void {
    entry.record = { ...entry.record, state: encodeSession(entry.session), leasedTo };
    this.#deps.store.sessions.put(entry.record);
  }

  #keep(session: Session, { added, used }: SkippedKeys): void {
    const { store, now } = this.#deps;
    const sessionId = toHex(session.id);
    const at = now();
    if (added.length > 0) {
      store.skippedKeys.put(added.map(({ dh, number, key }) => ({ sessionId, dh: toHex(dh), number, key, at })));
    }
    if (used !== undefined) store.skippedKeys.remove(sessionId, toHex(used.dh), used.number);
  }

  #end(entry: Entry): void {
    const { store, now } = this.#deps;
    store.sessions.put({ ...entry.record, state: new Uint8Array(0), leasedTo: 0, endedAt: now() });
    store.skippedKeys.removeOf(entry.record.sessionId);
  }

  /** Counts skipped keys anew after old ones were swept. */
  recount(): void {
    for (const entries of this.#decoded.values()) {
      for (const entry of entries) {
        const kept = this.#deps.store.skippedKeys.count(entry.record.sessionId);
        entry.session = withoutSkipped(entry.session, Math.max(0, entry.session.skippedCount - kept));
      }
    }
  }
}

function leased(session: Session): number {
  const number = sendingNumber(session);
  return number === undefined ? 0 : number + leaseSteps;
}

/** Whether the first was used later: by what it received, else by when it began. */
function isLater(first: Entry, second: Entry): boolean {
  const [a, b] = [first.record.lastReceivedAt, second.record.lastReceivedAt];
  if (a !== undefined || b !== undefined) return (a ?? -1) > (b ?? -1);
  return first.record.begunAt > second.record.begunAt;
}
