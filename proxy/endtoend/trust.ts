// What a bundle does to what is known of a contact (docs/protocol.md §9.1,
// design §3 and §5): pure, so that each rule is a line of a table in its test.
// A bundle comes here with all its signatures checked; whether its KU_A is the
// right one is the question of this file.
import { equalBytes } from '../../shared/bytes.ts';
import type { Crypto } from '../../shared/crypto/provider.ts';
import type { Bundle } from '../../shared/simpp/contact-bundle.ts';
import type { ContactRecord, DeviceRecord } from './records.ts';
import { devicesAfter, type DeviceChange } from './trust-devices.ts';

export type TrustPolicy = 'blind' | 'manual';

/** What is known of one contact. */
export interface Known {
  readonly contact: ContactRecord;
  readonly devices: readonly DeviceRecord[];
}

/** What the person must hear of; said once, when it is first seen, but for a rollback, which is seen anew each time. */
export type TrustNotice =
  | { readonly kind: 'undecided' }
  /** Another KU_A; `isVouched` where the pinned one has signed for it. */
  | { readonly kind: 'key-changed'; readonly wasVerified: boolean; readonly isVouched: boolean }
  /** The pinned KU_A is back, and the other one gone. */
  | { readonly kind: 'key-returned' }
  | { readonly kind: 'two-keys' }
  | { readonly kind: 'list-rolled-back'; readonly seen: number; readonly known: number }
  | { readonly kind: 'two-lists'; readonly version: number }
  | DeviceChange;

/** Why nothing is sent. */
export type Block =
  | { readonly kind: 'alarm'; readonly text: string }
  | { readonly kind: 'undecided' }
  | { readonly kind: 'key-changed' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'new-devices'; readonly deviceIds: readonly string[] };

export interface Judgement extends Known {
  readonly notices: readonly TrustNotice[];
  readonly block: Block | undefined;
}

/** A contact of whom nothing is known. */
export function stranger(jid: string): Known {
  return { contact: { jid, listVersion: 0, trust: 'undecided', hasOptedOut: false }, devices: [] };
}

/**
 * What is known after these bundles of one JID: one from each directory that answered. The pinned KU_A counts wherever
 * it is found, in its highest list version; another one is only kept for a decision. `now` is in milliseconds.
 */
export function judge(
  crypto: Crypto,
  known: Known,
  bundles: readonly Bundle[],
  policy: TrustPolicy,
  now: number,
): Judgement {
  const contact: ContactRecord = { ...known.contact, fetchedAt: now };
  if (bundles.length === 0) return judged({ ...known, contact }, []);
  const pinned = contact.kuA ?? soleKey(bundles);
  if (pinned === undefined) return noKey(known, contact);
  const other = bundles.find(({ kuA }) => !equalBytes(kuA.bytes, pinned));
  const [newest, second] = bundles.filter(({ kuA }) => equalBytes(kuA.bytes, pinned)).toSorted(byVersion);
  if (newest === undefined) return other === undefined ? judged(known, []) : otherKey(known, contact, other);

  const notices: TrustNotice[] = [];
  const settledContact = besides(settled(contact, pinned, policy, notices), other, notices);
  const next: Known = { contact: settledContact, devices: known.devices };
  if (second !== undefined && isTwin(newest, second)) {
    return judged(twoLists(next, newest.list.version, notices), notices);
  }
  return judged(sameKey(crypto, next, newest, now, notices), notices);
}

/** Why nothing can be sent to a contact, whatever its policy; undefined where something can. */
export function blockOf({ contact, devices }: Known): Block | undefined {
  if (contact.alarm !== undefined) return { kind: 'alarm', text: contact.alarm };
  if (contact.trust === 'refused') return { kind: 'refused' };
  if (contact.trust === 'changed') return { kind: 'key-changed' };
  if (contact.kuA !== undefined && contact.trust === 'undecided') return { kind: 'undecided' };
  const deviceIds = devices.filter(({ state }) => state === 'new').map(({ deviceId }) => deviceId);
  return deviceIds.length > 0 ? { kind: 'new-devices', deviceIds } : undefined;
}

const twoKeysAlarm = 'The directories give two different keys, and none of them is known from before.';
export const twoListsAlarm = 'Two different device lists have the same version: a directory is not honest.';

function judged(known: Known, notices: readonly TrustNotice[]): Judgement {
  return { ...known, notices, block: blockOf(known) };
}

/** An alarm says what it said first; a decision clears it. */
function alarmed(contact: ContactRecord, text: string): ContactRecord {
  return { ...contact, alarm: contact.alarm ?? text };
}

function byVersion(a: Bundle, b: Bundle): number {
  return b.list.version - a.list.version;
}

/** The one KU_A of a first contact; none where directories differ, for then nobody knows which. */
function soleKey(bundles: readonly Bundle[]): Uint8Array | undefined {
  const first = bundles[0]?.kuA.bytes;
  return first !== undefined && bundles.every(({ kuA }) => equalBytes(kuA.bytes, first)) ? first : undefined;
}

/** First contact: the key is pinned, and trusted as the policy says. */
function settled(
  contact: ContactRecord,
  pinned: Uint8Array,
  policy: TrustPolicy,
  notices: TrustNotice[],
): ContactRecord {
  if (contact.trust !== 'undecided') return { ...contact, kuA: pinned };
  if (policy === 'manual' && contact.kuA === undefined) notices.push({ kind: 'undecided' });
  return { ...contact, kuA: pinned, trust: policy === 'blind' ? 'blind' : 'undecided' };
}

/** Two KU_A at a first contact: nobody knows which, so nothing is sent (§9.1). */
function noKey(known: Known, contact: ContactRecord): Judgement {
  const notices: TrustNotice[] = contact.alarm === undefined ? [{ kind: 'two-keys' }] : [];
  return judged({ ...known, contact: alarmed(contact, twoKeysAlarm) }, notices);
}

/** Only another KU_A answers: the pinned one stays, and nothing is sent before a decision. */
function otherKey(known: Known, contact: ContactRecord, seen: Bundle): Judgement {
  const next: ContactRecord = { ...contact, nextKuA: seen.kuA.bytes };
  // Nothing is sent to them anyway.
  if (contact.trust === 'refused') return judged({ ...known, contact: next }, []);
  const isSame = contact.nextKuA !== undefined && equalBytes(contact.nextKuA, seen.kuA.bytes);
  const wasVerified = contact.trust === 'verified';
  const isVouched = isVouchedFor(contact, seen);
  return judged(
    { ...known, contact: { ...next, trust: 'changed' } },
    isSame && contact.trust === 'changed' ? [] : [{ kind: 'key-changed', wasVerified, isVouched }],
  );
}

/** §9.1, rollover: it says that both keys have one owner, and changes no trust by itself. */
function isVouchedFor(contact: ContactRecord, seen: Bundle): boolean {
  return contact.kuA !== undefined && seen.previousKuA !== undefined && equalBytes(seen.previousKuA, contact.kuA);
}

/** The pinned KU_A answers. Where another one does too, the pinned one is kept and the person is told (§9.1). */
function besides(contact: ContactRecord, other: Bundle | undefined, notices: TrustNotice[]): ContactRecord {
  const { nextKuA, ...rest } = contact;
  if (other === undefined) {
    if (nextKuA !== undefined && contact.trust === 'changed') notices.push({ kind: 'key-returned' });
    return rest;
  }
  if (nextKuA === undefined || !equalBytes(nextKuA, other.kuA.bytes)) notices.push({ kind: 'two-keys' });
  return { ...rest, nextKuA: other.kuA.bytes };
}

/** The same version with another content, at the same time. */
function isTwin(a: Bundle, b: Bundle): boolean {
  return a.list.version === b.list.version && !equalBytes(a.list.hash, b.list.hash);
}

function twoLists(known: Known, version: number, notices: TrustNotice[]): Known {
  if (known.contact.alarm === undefined) notices.push({ kind: 'two-lists', version });
  return { ...known, contact: alarmed(known.contact, twoListsAlarm) };
}

function sameKey(crypto: Crypto, known: Known, seen: Bundle, now: number, notices: TrustNotice[]): Known {
  const { contact } = known;
  const { version, hash, encoded } = seen.list;
  if (version < contact.listVersion) {
    // §9.1: of one KU_A the highest version counts. What is known stays, prekeys too.
    notices.push({ kind: 'list-rolled-back', seen: version, known: contact.listVersion });
    return known;
  }
  const isOther = contact.listHash !== undefined && !equalBytes(contact.listHash, hash);
  if (version === contact.listVersion && isOther) return twoLists(known, version, notices);
  const { devices, changes } = devicesAfter(crypto, known, seen, now);
  notices.push(...changes);
  return { contact: { ...contact, list: encoded, listVersion: version, listHash: hash }, devices };
}
