// The gateway's directory of keys (docs/protocol.md §9.1, C1 and C2): answers
// what devices publish and ask for, and tells channels what has changed. An
// untrusted carrier: readers check all of it again.
import type { Crypto } from '../../../shared/crypto/provider.ts';
import { asSimppError, SimppError } from '../../../shared/errors.ts';
import {
  entry,
  entryDevice,
  entryDeviceStatuses,
  entryOutcomes,
  maxEntryDevices,
  publishOutcomes,
  published,
  type Control,
} from '../../../shared/simpp/control.ts';
import { maxDevices } from '../../../shared/simpp/messages.ts';
import { parseJid } from '../../../shared/xmpp/jid.ts';
import type { CryptoQueue } from '../crypto-queue.ts';
import type { DeviceRow, DirectoryStore } from '../directory/directory.ts';
import type { PublishedDevice, PublishedEntry } from '../directory/key-store.ts';
import { checkOneTimeKeys, checkPublication, type CheckParts, type PublishValues } from './check.ts';
import { KeyLimits } from './limits.ts';
import { Members, type Member } from './members.ts';

export interface KeyDirectoryParts {
  readonly crypto: Crypto;
  readonly directory: DirectoryStore;
  readonly queue: CryptoQueue;
  /** Seconds since 1970. */
  now(): number;
  /** Milliseconds of a clock that only goes forward. */
  clockMs(): number;
  domains(): readonly string[];
}

type Values<N extends Control['name']> = Extract<Control, { readonly name: N }>['values'];
type PublishOutcome = (typeof publishOutcomes)[number];
type EntryOutcome = (typeof entryOutcomes)[number];

const nothing = new Uint8Array(0);

export class KeyDirectory {
  readonly members = new Members();
  readonly #parts: KeyDirectoryParts;
  readonly #limits: KeyLimits;

  constructor(parts: KeyDirectoryParts) {
    this.#parts = parts;
    this.#limits = new KeyLimits(() => parts.clockMs());
  }

  /** The encoded answer to a Publish; never rejects. */
  async publish(member: Member | undefined, values: PublishValues): Promise<Uint8Array> {
    const { request } = values;
    const answer = (outcome: PublishOutcome, listVersion = 0, oneTimeKeysLeft = 0): Uint8Array =>
      published.encode({ request, outcome: publishOutcomes.indexOf(outcome), listVersion, oneTimeKeysLeft });
    try {
      const publisher = await this.#device(member);
      // One that waits may bring the list that names it; the directory sees to it that it does.
      const mayPublish = publisher?.status === 'listed' || values.list.length > 0;
      if (member === undefined || publisher === undefined || !mayPublish) return answer('refused');
      if (!this.#limits.admitsPublication(member.jid)) return answer('too-many');
      const { keys } = this.#parts.directory;
      const checked = await checkPublication(this.#checkParts(), publisher, values);
      const result = await keys.publish(checked);
      if (result.isChanged) {
        this.members.tell(member.jid, true, member);
        await this.#endRevoked(member.jid, member);
      }
      return answer(result.outcome, result.listVersion, result.oneTimeKeysLeft);
    } catch (error) {
      return answer(publishFailure(error));
    }
  }

  /** The encoded answer to OneTimeKeys; never rejects. */
  async addOneTimeKeys(member: Member | undefined, { request, keys }: Values<'OneTimeKeys'>): Promise<Uint8Array> {
    const answer = (outcome: PublishOutcome, oneTimeKeysLeft = 0): Uint8Array =>
      published.encode({ request, outcome: publishOutcomes.indexOf(outcome), listVersion: 0, oneTimeKeysLeft });
    try {
      const publisher = await this.#publisher(member);
      if (publisher === undefined) return answer('refused');
      if (!this.#limits.admitsPublication(publisher.jid)) return answer('too-many');
      const checked = await checkOneTimeKeys(this.#checkParts(), publisher, keys);
      const { outcome, left } = await this.#parts.directory.keys.addOneTimeKeys(publisher.agreementKey, checked);
      return answer(outcome, left);
    } catch (error) {
      return answer(publishFailure(error));
    }
  }

  /** The encoded answers to a Fetch; never rejects. */
  async fetch(member: Member | undefined, { request, jid, oneTime }: Values<'Fetch'>): Promise<readonly Uint8Array[]> {
    const without = (outcome: EntryOutcome): readonly Uint8Array[] => [
      entry.encode({
        request,
        outcome: entryOutcomes.indexOf(outcome),
        kuA: nothing,
        list: nothing,
        rollover: nothing,
        devices: 0,
      }),
    ];
    try {
      const asker = await this.#device(member);
      if (member === undefined || asker === undefined) return without('failed');
      if (!this.#limits.admitsFetch(member.jid)) return without('too-many');
      const whose = this.#ownerOf(jid);
      if (whose !== 'account') return without(whose);
      this.members.watch(member, jid);
      const found = await this.#parts.directory.keys.entry(jid);
      if (found === undefined) return without('unknown');
      return await this.#encodeEntry(request, found, asker, oneTime === 1);
    } catch (error) {
      return without(asSimppError(error).code === 'rate-limited' ? 'too-many' : 'failed');
    }
  }

  /** A registration has gone through: who listens hears of it, and whom a new list does not name leaves. */
  async registered(jid: string, isNewList: boolean): Promise<void> {
    // A device that waits is a matter of its account only.
    this.members.tell(jid, isNewList);
    if (isNewList) await this.#endRevoked(jid);
  }

  /** Ends a channel whose device its account has taken off the list. */
  async endIfRevoked(member: Member): Promise<void> {
    const row = await this.#parts.directory.deviceByAgreementKey(member.agreementKey);
    if (row?.jid !== member.jid || row.status === 'revoked') member.end();
  }

  #checkParts(): CheckParts {
    const { crypto, queue, now } = this.#parts;
    return { crypto, queue, now: now() };
  }

  /** The device of a channel as the directory has it at this moment; a revoked one is shown the door. */
  async #device(member: Member | undefined): Promise<DeviceRow | undefined> {
    if (member === undefined) return undefined;
    const row = await this.#parts.directory.deviceByAgreementKey(member.agreementKey);
    if (row?.jid !== member.jid) return undefined;
    if (row.status !== 'revoked') return row;
    member.end();
    return undefined;
  }

  async #publisher(member: Member | undefined): Promise<DeviceRow | undefined> {
    const device = await this.#device(member);
    return device?.status === 'listed' ? device : undefined;
  }

  /** Where keys of this JID would be; an address that is not prepared is nobody's. */
  #ownerOf(text: string): 'account' | 'unknown' | 'foreign' | 'failed' {
    try {
      const { local, domain, resource } = parseJid(text);
      if (!this.#parts.domains().includes(domain)) return 'foreign';
      if (resource !== undefined || text !== (local === undefined ? domain : `${local}@${domain}`)) return 'failed';
      return local === undefined ? 'unknown' : 'account';
    } catch (error) {
      if (error instanceof SimppError) return 'failed';
      throw error;
    }
  }

  async #encodeEntry(
    request: number,
    { account, rollover = nothing, devices: all }: PublishedEntry,
    asker: DeviceRow,
    wantsOneTimeKeys: boolean,
  ): Promise<readonly Uint8Array[]> {
    const listed = all.filter(({ status }) => status === 'listed').slice(0, maxDevices);
    const waiting = asker.jid === account.jid ? all.filter(({ status }) => status === 'pending') : [];
    const devices = [...listed, ...waiting].slice(0, maxEntryDevices);
    const givesOneTimeKeys =
      wantsOneTimeKeys && asker.status === 'listed' && this.#limits.admitsOneTimeKeys(asker.jid, account.jid);
    const answers = [
      entry.encode({
        request,
        outcome: entryOutcomes.indexOf('found'),
        kuA: account.accountKey,
        list: account.list,
        rollover,
        devices: devices.length,
      }),
    ];
    for (const device of devices) {
      const oneTime = givesOneTimeKeys ? await this.#oneTimeKey(device, asker) : undefined;
      answers.push(
        entryDevice.encode({
          request,
          status: entryDeviceStatuses.indexOf(device.status),
          deviceId: device.deviceId,
          certificate: device.certificate,
          prekey: device.prekey ?? nothing,
          oneTime: oneTime ?? nothing,
          tombstone: device.tombstone ?? nothing,
        }),
      );
    }
    return answers;
  }

  /** Nobody writes to itself, to who waits or has retired, or to who cannot be written to. */
  async #oneTimeKey(device: PublishedDevice, asker: DeviceRow): Promise<Uint8Array | undefined> {
    const { status, agreementKey, prekey, tombstone } = device;
    if (status !== 'listed' || prekey === undefined || tombstone !== undefined) return undefined;
    if (Buffer.compare(agreementKey, asker.agreementKey) === 0) return undefined;
    return this.#parts.directory.keys.takeOneTimeKey(agreementKey, this.#parts.now());
  }

  /** But for the author, who gets its answer first. */
  async #endRevoked(jid: string, author?: Member): Promise<void> {
    for (const member of this.members.of(jid)) if (member !== author) await this.endIfRevoked(member);
  }
}

/** What does not verify is refused; what cannot be decided now may be tried again. */
function publishFailure(error: unknown): PublishOutcome {
  switch (asSimppError(error).code) {
    case 'rate-limited':
      return 'too-many';
    case 'handshake-failed':
    case 'malformed-message':
    case 'invalid-point':
    case 'gateway-refused':
      return 'refused';
    default:
      return 'failed';
  }
}
