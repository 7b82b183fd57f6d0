// Who carries everything between people and may do with it what they like: the
// directory and the server in one. Honest by itself; a test bends what it gives.
import type {
  Directory,
  Found,
  Publication,
  Published,
  RawBundle,
  RawDevice,
} from '../../../../proxy/endtoend/directory.ts';
import { certificateHash } from '../../../../shared/simpp/certificate.ts';
import { certificateBody, deviceListBody, signedObject } from '../../../../shared/simpp/messages.ts';
import { equalBytes, toHex } from '../../../../shared/bytes.ts';
import { crypto } from '../publishing-person.ts';

/** What is published of one account under one KU_A. */
interface Entry {
  readonly kuA: Uint8Array;
  list: Uint8Array;
  rollover: Uint8Array | undefined;
  /** By device id. */
  readonly devices: Map<string, RawDevice>;
  readonly oneTime: Map<string, Uint8Array[]>;
  readonly waiting: Map<string, Uint8Array>;
}

/** What somebody is told of somebody else, after the answer that is true. */
export type Lie = (answer: Found, askedBy: string) => Found | Promise<Found>;

const idOf = (certificate: Uint8Array): string =>
  toHex(certificateBody.decode(signedObject.decode(certificate).body).deviceId);

export class Carrier {
  /** By JID; a JID that mallory speaks for has another carrier. */
  readonly #entries = new Map<string, Entry>();
  readonly #lies = new Map<string, Lie>();
  readonly #listeners = new Map<string, Set<(jid: string) => void>>();
  /** How often each JID was asked for. */
  readonly asked = new Map<string, number>();

  /** The directory as one person sees it. */
  directoryOf(person: string): Directory {
    const listeners = this.#listeners.get(person) ?? new Set();
    this.#listeners.set(person, listeners);
    return {
      kind: 'gateway',
      covers: () => true,
      fetch: async (jid, wantsOneTimeKeys) => {
        this.asked.set(jid, (this.asked.get(jid) ?? 0) + 1);
        const answer = this.truth(jid, wantsOneTimeKeys);
        return (await this.#lies.get(jid)?.(answer, person)) ?? answer;
      },
      publish: (publication) => Promise.resolve(this.#publish(person, publication)),
      onChanged: (listener) => void listeners.add(listener),
    };
  }

  /** What honest directories would answer. */
  truth(jid: string, wantsOneTimeKeys = false): Found {
    const entry = this.#entries.get(jid);
    if (entry === undefined) return { kind: 'none' };
    const names = deviceListBody.decode(signedObject.decode(entry.list).body).certificates;
    const devices = [...entry.devices.values()]
      .filter(({ certificate }) => names.some((name) => equalBytes(name, certificateHash(crypto, certificate))))
      .map((device): RawDevice => {
        const oneTime = wantsOneTimeKeys ? entry.oneTime.get(idOf(device.certificate))?.shift() : undefined;
        return { ...device, oneTime };
      });
    const waiting = [...entry.waiting.values()].map((certificate) => ({
      deviceId: certificateBody.decode(signedObject.decode(certificate).body).deviceId,
      certificate,
    }));
    return { kind: 'bundle', bundle: { kuA: entry.kuA, list: entry.list, rollover: entry.rollover, devices }, waiting };
  }

  bundle(jid: string): RawBundle {
    const found = this.truth(jid);
    if (found.kind !== 'bundle') throw new Error(`nothing is published of ${jid}`);
    return found.bundle;
  }

  /** From now on whoever asks for this JID is told something else; honest again without a lie. */
  lie(jid: string, lie?: Lie): void {
    if (lie === undefined) this.#lies.delete(jid);
    else this.#lies.set(jid, lie);
    this.changed(jid);
  }

  /** Everybody hears that an entry has changed, whether it has or not. */
  changed(jid: string): void {
    for (const listeners of this.#listeners.values()) for (const listener of listeners) listener(jid);
  }

  #publish(jid: string, publication: Publication): Published {
    const { kuA, list, certificates, deviceId, prekey, oneTimeKeys = [], waiting, rollover } = publication;
    const id = toHex(deviceId);
    const known = this.#entries.get(jid);
    if (waiting !== undefined) {
      known?.waiting.set(id, waiting);
      return { kind: 'taken' };
    }
    if (known !== undefined && !equalBytes(known.kuA, kuA)) return { kind: 'refused', reason: 'another key is there' };
    const entry: Entry = known ?? {
      kuA,
      list,
      rollover,
      devices: new Map(),
      oneTime: new Map(),
      waiting: new Map(),
    };
    this.#entries.set(jid, entry);
    const before = known?.devices.get(id)?.prekey;
    const isNew =
      known === undefined || !equalBytes(known.list, list) || (prekey && toHex(prekey)) !== (before && toHex(before));
    entry.list = list;
    for (const certificate of certificates) {
      entry.devices.set(idOf(certificate), { ...entry.devices.get(idOf(certificate)), certificate });
      entry.waiting.delete(idOf(certificate));
    }
    const own = entry.devices.get(id);
    if (own !== undefined && prekey !== undefined) entry.devices.set(id, { ...own, prekey });
    entry.oneTime.set(id, [...(entry.oneTime.get(id) ?? []), ...oneTimeKeys]);
    if (isNew) this.changed(jid);
    return { kind: 'taken', oneTimeKeysLeft: entry.oneTime.get(id)!.length };
  }
}
