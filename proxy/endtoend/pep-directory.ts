// The directory on the accounts themselves (docs/protocol.md §9.1): PEP nodes
// that anybody may read, for contacts of other domains and for people without
// a gateway. What it gives is as the server gave it, within bounds.
import { toHex } from '../../shared/bytes.ts';
import type { Crypto } from '../../shared/crypto/provider.ts';
import { element } from '../../shared/xml/write.ts';
import { bareJid, domainOf } from '../../shared/xmpp/jid.ts';
import { ns } from '../../shared/xmpp/namespaces.ts';
import { Deadline } from './deadline.ts';
import type { Directory, Found, Publication, Published, RawDevice, WaitingDevice } from './directory.ts';
import { inParallel } from './in-parallel.ts';
import {
  deviceIdOf,
  deviceIdsOf,
  devicesKind,
  devicesNode,
  prekeyKind,
  prekeyNode,
  readDevicePrekey,
  readDeviceSet,
  readWaiting,
  waitingKind,
  waitingNode,
  type DevicePrekey,
} from './pep-items.ts';
import { currentTextOf, readNode } from './pep-node.ts';
import { PepPublisher } from './pep-publisher.ts';
import type { Requests } from './requests.ts';

export interface PepOptions {
  /** Bare. */
  readonly ownJid: string;
  readonly crypto: Crypto;
  readonly requests: Requests;
  /** For all requests of one call. */
  readonly fetchTimeoutMs?: number;
  readonly publishTimeoutMs?: number;
}

const requestsAtOnce = 8;

type Failed = Extract<Found, { readonly kind: 'failed' }>;
type PrekeyFound = { readonly kind: 'found'; readonly entry: Partial<DevicePrekey> } | Failed;

export class PepDirectory implements Directory {
  readonly kind = 'pep';
  readonly #ownJid: string;
  readonly #requests: Requests;
  readonly #publisher: PepPublisher;
  readonly #fetchTimeoutMs: number;
  readonly #publishTimeoutMs: number;
  /** One publication after the other: each looks at what the last one left. */
  #publishing: Promise<unknown> = Promise.resolve();

  constructor({ ownJid, crypto, requests, fetchTimeoutMs = 15_000, publishTimeoutMs = 30_000 }: PepOptions) {
    this.#ownJid = bareJid(ownJid);
    this.#requests = requests;
    this.#publisher = new PepPublisher(this.#ownJid, crypto, requests);
    this.#fetchTimeoutMs = fetchTimeoutMs;
    this.#publishTimeoutMs = publishTimeoutMs;
  }

  /** Only accounts have personal nodes. */
  covers(jid: string): boolean {
    return jid.includes('@');
  }

  async fetch(jid: string, _wantsOneTimeKeys: boolean): Promise<Found> {
    const deadline = new Deadline(this.#fetchTimeoutMs);
    const isOwn = jid === this.#ownJid;
    const of = isOwn ? undefined : jid;
    const found = await readNode(this.#requests, of, devicesNode, devicesKind, deadline);
    if (found.kind === 'none' || found.kind === 'failed') return found;
    if (found.kind === 'forbidden') {
      if (await this.#isReached(jid, deadline)) return { kind: 'none' };
      return { kind: 'failed', reason: found.reason, refused: { type: 'auth', condition: 'forbidden' } };
    }
    const text = currentTextOf(found);
    const set = text === undefined ? undefined : readDeviceSet(text);
    if (set === undefined) return { kind: 'failed', reason: `the list of devices of ${jid} cannot be read` };
    const ids = deviceIdsOf(set.certificates);
    const prekeys = await inParallel(ids, requestsAtOnce, (id) => this.#prekeyOf(of, id, deadline));
    const failed = prekeys.find((prekey) => prekey.kind === 'failed');
    // A device is skipped when it has no prekey, never because of an accident on the way to it.
    if (failed !== undefined) return failed;
    const entries = new Map(ids.map((id, at) => [id, prekeys[at]]));
    const devices = set.certificates.map((certificate): RawDevice => {
      const prekey = entries.get(deviceIdOf(certificate) ?? '');
      return { certificate, ...(prekey?.kind === 'found' && present(prekey.entry)) };
    });
    const { kuA, list } = set;
    const bundle = { kuA, list, ...present({ rollover: set.rollover }), devices };
    return { kind: 'bundle', bundle, waiting: isOwn ? await this.#waiting(deadline) : [] };
  }

  async publish(publication: Publication): Promise<Published> {
    const earlier = this.#publishing;
    const publishing = earlier.then(() => this.#publisher.publish(publication, new Deadline(this.#publishTimeoutMs)));
    this.#publishing = publishing.catch(() => undefined);
    return await publishing;
  }

  /** PEP tells changes only to clients that advertise `+notify`; clients' capabilities are theirs (transparency.md §5.8). */
  onChanged(_listener: (jid: string) => void): void {}

  /**
   * Prosody forbids strangers what is not there. Our nodes are open to everybody, so one that is forbidden is none,
   * if it is the account's server that says so: ejabberd says the same of a domain that it does not speak to.
   */
  async #isReached(jid: string, deadline: Deadline): Promise<boolean> {
    const query = element('query', { xmlns: ns.discoInfo });
    return (await this.#requests.send('get', domainOf(jid), query, deadline.leftMs)).kind === 'result';
  }

  async #prekeyOf(jid: string | undefined, deviceId: string, deadline: Deadline): Promise<PrekeyFound> {
    const found = await readNode(this.#requests, jid, prekeyNode(deviceId), prekeyKind, deadline);
    if (found.kind === 'failed') return found;
    const text = currentTextOf(found);
    // One that cannot be read is no prekey: the device is skipped, and the others are not.
    return { kind: 'found', entry: (text && readDevicePrekey(text)) || {} };
  }

  /** None when they cannot be had: approval can wait. */
  async #waiting(deadline: Deadline): Promise<readonly WaitingDevice[]> {
    const found = await readNode(this.#requests, undefined, waitingNode, waitingKind, deadline);
    if (found.kind !== 'items') return [];
    const devices = found.items.map(({ id, text }) => readWaiting(id, text)).filter((device) => device !== undefined);
    return [...new Map(devices.map((device) => [toHex(device.deviceId), device])).values()];
  }
}

/** Without the fields that are empty, which is how "nothing" is encoded. */
function present<T extends Readonly<Record<string, Uint8Array | undefined>>>(fields: T): Partial<T> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined && value.length > 0);
  // The entries are some of those of T.
  return Object.fromEntries(entries) as Partial<T>;
}
