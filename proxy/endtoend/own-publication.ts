// What this device publishes of itself and its account (docs/protocol.md §9.1).
import type { AccountIdentity } from '../identity/account-identity.ts';
import type { IdentityKeeper } from '../identity/keeper.ts';
import type { Directories, PublishedIn } from './directories.ts';
import type { OwnKeyring } from './own-keyring.ts';

export interface OwnPublicationDeps {
  readonly jid: string;
  readonly identities: IdentityKeeper;
  readonly keyring: OwnKeyring;
  readonly directories: Directories;
  readonly own: { readonly identity: AccountIdentity };
  /** All that the list names, as far as they were seen. */
  readonly certificates: () => readonly Uint8Array[];
  readonly notPublished: (reason: string) => void;
}

/** A directory keeps at most a hundred; below this many, others are sent. */
const fewOneTimeKeys = 20;
const oneTimeKeysAtOnce = 40;

export class OwnPublication {
  readonly #deps: OwnPublicationDeps;
  #hasOneTimeKeys = false;
  #isTaken = false;

  constructor(deps: OwnPublicationDeps) {
    this.#deps = deps;
  }

  /** Whether a directory has taken it in this run. */
  get isTaken(): boolean {
    return this.#isTaken;
  }

  /** One-time keys to publish, if they run out; put, not yet durable. */
  freshOneTimeKeys(): readonly Uint8Array[] {
    const { keyring, own } = this.#deps;
    return this.#hasOneTimeKeys ? [] : keyring.fresh(own.identity, oneTimeKeysAtOnce);
  }

  /** Asks to be let in. */
  async ask(): Promise<void> {
    await this.#deps.directories.publish({ ...this.#entry(), waiting: this.#deps.own.identity.certificate });
  }

  async publish(part: {
    readonly prekey: Uint8Array;
    readonly oneTimeKeys?: readonly Uint8Array[];
    readonly rollover?: Uint8Array | undefined;
  }): Promise<void> {
    const { directories, identities, jid, notPublished } = this.#deps;
    const outcomes = await directories.publish({ ...this.#entry(), ...part });
    for (const { published } of outcomes) if (published.kind !== 'taken') notPublished(published.reason);
    if (outcomes.some(({ published }) => published.kind === 'taken')) {
      this.#isTaken = true;
      identities.record(jid, 'registered');
    }
    this.#count(outcomes);
  }

  #entry() {
    const { own, certificates } = this.#deps;
    const { kuA, deviceList, deviceId } = own.identity;
    return { kuA, list: deviceList, certificates: certificates(), deviceId };
  }

  /** Directories that hand out one-time keys get others before they run out. */
  #count(outcomes: readonly PublishedIn[]): void {
    const left = outcomes.flatMap(({ published }) => (published.kind === 'taken' ? [published.oneTimeKeysLeft] : []));
    const least = left.find((count) => count !== undefined);
    if (least !== undefined) this.#hasOneTimeKeys = least >= fewOneTimeKeys;
  }
}
