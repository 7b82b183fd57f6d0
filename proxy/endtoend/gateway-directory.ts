// The gateway's directory as one person's engine sees it (docs/protocol.md
// §9.1). It only carries: what it gives is checked by who asked.
import { equalBytes } from '../../shared/bytes.ts';
import { asSimppError } from '../../shared/errors.ts';
import {
  entryDeviceStatuses,
  entryOutcomes,
  fetch,
  publishOutcomes,
  type Control,
} from '../../shared/simpp/control.ts';
import type { ChannelSocket } from '../channel-socket.ts';
import type { Directory, Found, Publication, Published, RawDevice, WaitingDevice } from './directory.ts';
import { GatewayRequests, type ReadAnswer } from './gateway-requests.ts';
import { oneTimeMessages, publishMessages, type EncodeRequest } from './publish-messages.ts';

export interface GatewayDirectoryOptions {
  /** The domains of the gateway's invite, prepared. */
  readonly domains: readonly string[];
  /** For each question; 5 s when absent. */
  readonly timeoutMs?: number | undefined;
}

type Values<N extends Control['name']> = Extract<Control, { readonly name: N }>['values'];

export class GatewayDirectory implements Directory {
  readonly kind = 'gateway';
  readonly #domains: ReadonlySet<string>;
  readonly #requests: GatewayRequests;
  readonly #listeners: ((jid: string) => void)[] = [];
  /** What the gateway has taken in a channel of ours: it need not cross the wire again there. */
  #taken = new WeakMap<ChannelSocket, Pick<Publication, 'list' | 'prekey'>>();

  constructor({ domains, timeoutMs = 5000 }: GatewayDirectoryOptions) {
    this.#domains = new Set(domains);
    this.#requests = new GatewayRequests(timeoutMs, (jid) => {
      // Perhaps our own, replaced or released: the next publication says everything anew.
      this.#taken = new WeakMap();
      for (const listener of this.#listeners) listener(jid);
    });
  }

  /** Uses a channel from now on, whose Identity has come: before it the gateway takes no questions. The newest one is used. */
  attach(channel: ChannelSocket): void {
    this.#requests.attach(channel);
  }

  /** Uses it no more; a channel that closes is detached by itself. */
  detach(channel: ChannelSocket): void {
    this.#requests.detach(channel);
  }

  covers(jid: string): boolean {
    return this.#domains.has(jid.slice(jid.lastIndexOf('@') + 1));
  }

  onChanged(listener: (jid: string) => void): void {
    this.#listeners.push(listener);
  }

  async fetch(jid: string, wantsOneTimeKeys: boolean): Promise<Found> {
    try {
      return await this.#requests.ask(
        (request) => fetch.encode({ request, jid, oneTime: wantsOneTimeKeys ? 1 : 0 }),
        readEntry(),
      );
    } catch (error) {
      return { kind: 'failed', reason: asSimppError(error).message };
    }
  }

  /** A device that waits for approval has nothing to publish here: the gateway knows it by its registration (§5.4). */
  async publish(publication: Publication): Promise<Published> {
    const { waiting, list, certificates, oneTimeKeys = [], rollover, prekey, tombstone } = publication;
    if (waiting !== undefined) return { kind: 'taken' };
    try {
      const { channel } = this.#requests;
      const taken = channel && this.#taken.get(channel);
      const isListKnown = taken !== undefined && equalBytes(taken.list, list);
      const isPrekeyKnown = taken?.prekey !== undefined && prekey !== undefined && equalBytes(taken.prekey, prekey);
      const messages = [
        ...publishMessages({
          list: isListKnown ? undefined : { list, certificates },
          rollover,
          prekey: isPrekeyKnown ? undefined : prekey,
          tombstone,
        }),
        ...oneTimeMessages(oneTimeKeys),
      ];
      const result = await this.#sendAll(messages);
      if (channel !== undefined && result.kind === 'taken') this.#taken.set(channel, { list, prekey });
      return result;
    } catch (error) {
      return { kind: 'failed', reason: asSimppError(error).message };
    }
  }

  /** One after the other: what follows a refusal would be refused, too. */
  async #sendAll(messages: readonly EncodeRequest[]): Promise<Published> {
    let oneTimeKeysLeft: number | undefined;
    for (const encode of messages) {
      const values = await this.#requests.ask(encode, readPublished);
      const outcome = publishOutcomes[values.outcome];
      if (outcome === 'refused') return { kind: 'refused', reason: refusalOf(values) };
      if (outcome !== 'taken') return { kind: 'failed', reason: trouble(outcome) };
      ({ oneTimeKeysLeft } = values);
    }
    return { kind: 'taken', oneTimeKeysLeft };
  }
}

const readPublished: ReadAnswer<Values<'Published'>> = (control) =>
  control.name === 'Published' ? control.values : undefined;

function refusalOf({ listVersion }: Values<'Published'>): string {
  const newest = listVersion > 0 ? ` It has device list ${listVersion} of this account.` : '';
  return `The gateway does not take what this device publishes.${newest}`;
}

function trouble(outcome: 'too-many' | 'failed' | undefined): string {
  return outcome === 'too-many'
    ? 'The gateway was asked too often; try again later.'
    : 'The gateway cannot use its directory now; try again later.';
}

/** Collects an Entry and the devices that it announces. */
function readEntry(): ReadAnswer<Found> {
  let head: Values<'Entry'> | undefined;
  const devices: RawDevice[] = [];
  const waiting: WaitingDevice[] = [];
  let left = 0;
  return (control) => {
    if (control.name === 'Entry' && head === undefined) {
      const { outcome } = control.values;
      if (entryOutcomes[outcome] !== 'found') return withoutEntry(entryOutcomes[outcome]);
      head = control.values;
      left = head.devices;
    } else if (control.name === 'EntryDevice' && left > 0) {
      const { status, deviceId, certificate, prekey, oneTime, tombstone } = control.values;
      left--;
      if (entryDeviceStatuses[status] === 'pending') waiting.push({ deviceId, certificate });
      else {
        devices.push({
          certificate,
          prekey: presentOr(prekey),
          oneTime: presentOr(oneTime),
          tombstone: presentOr(tombstone),
        });
      }
    }
    if (head === undefined || left > 0) return undefined;
    const { kuA, list, rollover } = head;
    return { kind: 'bundle', bundle: { kuA, list, rollover: presentOr(rollover), devices }, waiting };
  };
}

function withoutEntry(outcome: (typeof entryOutcomes)[number] | undefined): Found {
  switch (outcome) {
    case 'unknown':
      return { kind: 'none' };
    case 'foreign':
      return { kind: 'failed', reason: 'The address is not of a domain of this gateway.' };
    case 'too-many':
    case 'failed':
      return { kind: 'failed', reason: trouble(outcome) };
    default:
      return { kind: 'failed', reason: 'The gateway did not answer as expected.' };
  }
}

/** An empty field stands for an absent one. */
function presentOr(field: Uint8Array): Uint8Array | undefined {
  return field.length === 0 ? undefined : field;
}
