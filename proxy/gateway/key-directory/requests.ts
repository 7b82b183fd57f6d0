// One channel's requests to the directory of keys: answered one after the
// other, no faster than the client reads, and only so many at once.
import { SimppError } from '../../../shared/errors.ts';
import {
  changed,
  publishOutcomes,
  published,
  type Control,
  type fetch,
  type oneTimeKeys,
  type publish,
} from '../../../shared/simpp/control.ts';
import type { Chosen } from '../../../shared/codec/message.ts';
import { maxDevices } from '../../../shared/simpp/messages.ts';
import type { PublishValues } from './check.ts';
import type { KeyDirectory } from './key-directory.ts';
import type { Member } from './members.ts';

/** What is asked of the directory. */
export type KeyRequest = Chosen<typeof publish | typeof oneTimeKeys | typeof fetch>;

export function isKeyRequest(control: Control): control is KeyRequest {
  return control.name === 'Publish' || control.name === 'OneTimeKeys' || control.name === 'Fetch';
}

/** Unanswered requests of one channel (docs/protocol.md §8). */
const maxWaiting = 32;

/** The channel that asks. */
export interface RequestHost {
  send(control: Uint8Array): void;
  /** Resolves once the client has taken what was sent, or is gone. */
  room(): Promise<void>;
  /** Ends the channel. */
  end(error: SimppError): void;
}

export class KeyRequests {
  readonly #directory: KeyDirectory;
  readonly #host: RequestHost;
  readonly #waiting: KeyRequest[] = [];
  /** Entries that have changed and that the client is not told of yet. */
  readonly #changes = new Set<string>();
  #member: Member | undefined;
  /** Certificates that came ahead of their list (§9.1). */
  #held: readonly Uint8Array[] = [];
  #isOpen = false;
  #isClosed = false;
  #isAnswering = false;
  #isTelling = false;

  constructor(directory: KeyDirectory, host: RequestHost) {
    this.#directory = directory;
    this.#host = host;
  }

  /** The server has bound the JID: requests may come. `who` is absent where no device was proved. */
  open(who: Pick<Member, 'jid' | 'agreementKey'> | undefined): void {
    this.#isOpen = true;
    if (who === undefined || this.#isClosed || this.#member !== undefined) return;
    this.#member = {
      ...who,
      changed: (jid) => {
        this.#changes.add(jid);
        void this.#tell();
      },
      end: () => this.#host.end(new SimppError('gateway-refused', 'This device was removed from its account.')),
    };
    this.#directory.members.join(this.#member);
  }

  /** The channel is over. */
  close(): void {
    this.#isClosed = true;
    this.#waiting.length = 0;
    if (this.#member !== undefined) this.#directory.members.leave(this.#member);
  }

  receive(request: KeyRequest): void {
    if (!this.#isOpen) {
      this.#host.end(new SimppError('handshake-failed', `${request.name} came before the login.`));
    } else if (this.#waiting.length >= maxWaiting) {
      this.#host.end(new SimppError('gateway-refused', 'Too many requests for keys wait in this channel.'));
    } else if (!this.#isClosed) {
      this.#waiting.push(request);
      void this.#answerAll();
    }
  }

  async #answerAll(): Promise<void> {
    if (this.#isAnswering) return;
    this.#isAnswering = true;
    for (;;) {
      const request = this.#waiting[0];
      if (request === undefined) break;
      const answers = await this.#answer(request);
      // The first one counts as waiting until the client has taken its answer.
      await this.#host.room();
      if (this.#isClosed) break;
      for (const answer of answers) this.#host.send(answer);
      this.#waiting.shift();
      if (request.name === 'Publish' && this.#member !== undefined) await this.#directory.endIfRevoked(this.#member);
    }
    this.#isAnswering = false;
  }

  async #answer(request: KeyRequest): Promise<readonly Uint8Array[]> {
    switch (request.name) {
      case 'Publish':
        return [await this.#publish(request.values)];
      case 'OneTimeKeys':
        return [await this.#directory.addOneTimeKeys(this.#member, request.values)];
      case 'Fetch':
        return this.#directory.fetch(this.#member, request.values);
    }
  }

  /** Certificates without a list wait for it: together they may not fit one record. */
  async #publish(values: PublishValues): Promise<Uint8Array> {
    const certificates = [...this.#held, ...values.certificates];
    const isAhead = values.list.length === 0 && values.certificates.length > 0;
    this.#held = [];
    if (certificates.length > maxDevices) return this.#published(values.request, 'refused');
    if (!isAhead) {
      const own = values.list.length === 0 ? [] : certificates;
      return this.#directory.publish(this.#member, { ...values, certificates: own });
    }
    const isAlone = [values.rollover, values.prekey, values.tombstone].every((field) => field.length === 0);
    if (!isAlone || this.#member === undefined) return this.#published(values.request, 'refused');
    this.#held = certificates;
    return this.#published(values.request, 'taken');
  }

  #published(request: number, outcome: (typeof publishOutcomes)[number]): Uint8Array {
    return published.encode({ request, outcome: publishOutcomes.indexOf(outcome), listVersion: 0, oneTimeKeysLeft: 0 });
  }

  /** However often an entry changes while the client does not read, it is told once. */
  async #tell(): Promise<void> {
    if (this.#isTelling) return;
    this.#isTelling = true;
    await this.#host.room();
    this.#isTelling = false;
    if (this.#isClosed) return;
    for (const jid of this.#changes) this.#host.send(changed.encode({ jid }));
    this.#changes.clear();
  }
}
