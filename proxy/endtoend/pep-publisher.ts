// Publishing one's own entry over PEP (docs/protocol.md §9.1). What is there is
// read first: the same is not published again, a newer list of another device
// of one's own is not overwritten, and what vanished or was replaced comes back.
import { equalBytes, toBase64, toHex } from '../../shared/bytes.ts';
import type { Crypto } from '../../shared/crypto/provider.ts';
import { SimppError } from '../../shared/errors.ts';
import { devicePrekey, deviceSet } from '../../shared/simpp/end-to-end-messages.ts';
import { deviceListBody } from '../../shared/simpp/messages.ts';
import { openBody } from '../../shared/simpp/signed.ts';
import type { Deadline } from './deadline.ts';
import type { Publication, Published } from './directory.ts';
import {
  currentItem,
  deviceIdsOf,
  devicesKind,
  devicesNode,
  prekeyKind,
  prekeyNode,
  readDeviceSet,
  waitingKind,
  waitingNode,
  writePayload,
  type DeviceSet,
  type NodeKind,
} from './pep-items.ts';
import { currentTextOf, OwnNodes, readNode } from './pep-node.ts';
import type { Requests } from './requests.ts';

/** What is to stand in an item. */
interface Item {
  readonly node: string;
  readonly kind: NodeKind;
  readonly id: string;
  readonly bytes: Uint8Array;
}

const taken: Published = { kind: 'taken' };
const nothing = new Uint8Array();
/** Devices whose nodes could not be deleted are tried again with the next publications. */
const maxLeftOver = 100;

export class PepPublisher {
  readonly #ownJid: string;
  readonly #crypto: Crypto;
  readonly #requests: Requests;
  readonly #nodes: OwnNodes;
  readonly #leftOver = new Set<string>();

  constructor(ownJid: string, crypto: Crypto, requests: Requests) {
    this.#ownJid = ownJid;
    this.#crypto = crypto;
    this.#requests = requests;
    this.#nodes = new OwnNodes(requests);
  }

  async publish(publication: Publication, deadline: Deadline): Promise<Published> {
    const deviceId = toHex(publication.deviceId);
    if (publication.waiting !== undefined) {
      // It is not listed: the account's list and keys are others' to publish.
      return await this.#put(
        { node: waitingNode, kind: waitingKind, id: deviceId, bytes: publication.waiting },
        deadline,
      );
    }
    const there = await readNode(this.#requests, undefined, devicesNode, devicesKind, deadline);
    if (there.kind === 'failed' || there.kind === 'forbidden') return { kind: 'failed', reason: there.reason };
    const text = currentTextOf(there);
    const published = text === undefined ? undefined : readDeviceSet(text);
    const conflict = published && this.#conflictWith(published, publication);
    if (conflict !== undefined) return { kind: 'refused', reason: conflict };
    // First the prekey: a device that is listed can be written to.
    for (const item of [...prekeyItem(publication, deviceId), deviceSetItem(publication, published)]) {
      const outcome = await this.#put(item, deadline);
      if (outcome.kind !== 'taken') return outcome;
    }
    await this.#cleanUp(published, publication, deadline);
    return taken;
  }

  /** Publishes an item, unless it is there as it should be. */
  async #put({ node, kind, id, bytes }: Item, deadline: Deadline): Promise<Published> {
    const payload = writePayload(kind, bytes);
    if (payload === undefined) return { kind: 'refused', reason: tooLong(kind) };
    const there = await readNode(this.#requests, undefined, node, kind, deadline);
    if (there.kind === 'failed' || there.kind === 'forbidden') return { kind: 'failed', reason: there.reason };
    const isThere =
      there.kind === 'items' && there.items.some((item) => item.id === id && item.text === toBase64(bytes));
    if (isThere) return await this.#nodes.ensureShape(node, kind, deadline);
    return await this.#nodes.publish(node, kind, id, payload, deadline);
  }

  /** Why a list that is there must stay: another device has signed it with the same account key, and ours is not newer. */
  #conflictWith(there: DeviceSet, { kuA, list }: Publication): string | undefined {
    if (!equalBytes(there.kuA, kuA)) return undefined;
    const published = this.#openList(kuA, there.list);
    const ours = this.#openList(kuA, list);
    if (published === undefined || ours === undefined) return undefined;
    if (published.version > ours.version) return `a newer list of devices (${published.version}) is published`;
    const isOther = published.version === ours.version && !equalBytes(published.body, ours.body);
    return isOther ? `another list of devices with the same version (${ours.version}) is published` : undefined;
  }

  /** Undefined for a list that this key has not signed for this account: such a one need not be heeded. */
  #openList(kuA: Uint8Array, list: Uint8Array): { readonly version: number; readonly body: Uint8Array } | undefined {
    try {
      const key = this.#crypto.p256.publicKey(kuA);
      const { values, body } = openBody(this.#crypto, key, 'device-list', deviceListBody, list);
      return values.jid === this.#ownJid ? { version: values.version, body } : undefined;
    } catch (error) {
      if (error instanceof SimppError) return undefined;
      throw error;
    }
  }

  /** Deletes what is left of devices that are no longer listed; what fails is only litter, and tried again. */
  async #cleanUp(
    before: DeviceSet | undefined,
    { certificates, deviceId }: Publication,
    deadline: Deadline,
  ): Promise<void> {
    const listed = new Set([...deviceIdsOf(certificates), toHex(deviceId)]);
    for (const id of deviceIdsOf(before?.certificates ?? [])) {
      if (this.#leftOver.size < maxLeftOver) this.#leftOver.add(id);
    }
    for (const id of this.#leftOver) {
      if (listed.has(id)) this.#leftOver.delete(id);
      else if ((await this.#nodes.delete(prekeyNode(id), deadline)).kind === 'taken') this.#leftOver.delete(id);
    }
    const waiting = await readNode(this.#requests, undefined, waitingNode, waitingKind, deadline);
    if (waiting.kind !== 'items') return;
    for (const { id } of waiting.items) {
      if (listed.has(id)) await this.#nodes.retract(waitingNode, id, deadline);
    }
  }
}

/** A device's own item, while there is something new to say in it; a retired device needs no prekey. */
function prekeyItem({ prekey, tombstone }: Publication, deviceId: string): readonly Item[] {
  if (prekey === undefined && tombstone === undefined) return [];
  const bytes = devicePrekey.encode({ prekey: prekey ?? nothing, tombstone: tombstone ?? nothing });
  return [{ node: prekeyNode(deviceId), kind: prekeyKind, id: currentItem, bytes }];
}

function deviceSetItem({ kuA, list, certificates, rollover }: Publication, there: DeviceSet | undefined): Item {
  // Absent it stays as it is; that of another account key says nothing of this one.
  const kept = there !== undefined && equalBytes(there.kuA, kuA) ? there.rollover : nothing;
  const bytes = deviceSet.encode({ kuA, list, certificates, rollover: rollover ?? kept });
  return { node: devicesNode, kind: devicesKind, id: currentItem, bytes };
}

function tooLong({ payload }: NodeKind): string {
  return payload === 'devices'
    ? 'the list of devices is longer than the 16 KiB that servers take; remove a device'
    : 'the keys of this device are longer than the 16 KiB that servers take';
}
