// Where the keys of people are published and found: one interface for the
// gateway's directory and for PEP (docs/protocol.md §9.1). Both are untrusted
// carriers: what they give is checked by who asked, never by them.
import type { DefinedError } from '../../shared/xmpp/refusal.ts';

/** One device as a directory gives it; nothing is checked yet. */
export interface RawDevice {
  readonly certificate: Uint8Array;
  readonly prekey?: Uint8Array | undefined;
  readonly oneTime?: Uint8Array | undefined;
  readonly tombstone?: Uint8Array | undefined;
}

/** What a directory gives for a JID; nothing is checked yet. */
export interface RawBundle {
  readonly kuA: Uint8Array;
  readonly list: Uint8Array;
  readonly rollover?: Uint8Array | undefined;
  readonly devices: readonly RawDevice[];
}

/** A device of one's own account that is not listed: it waits for approval. */
export interface WaitingDevice {
  readonly deviceId: Uint8Array;
  /** Signed by the account key that the device made for itself. */
  readonly certificate: Uint8Array;
}

/** The answer for a JID. `none` is authoritative: it may allow plaintext under `prefer`; `failed` never does. */
export type Found =
  | { readonly kind: 'bundle'; readonly bundle: RawBundle; readonly waiting: readonly WaitingDevice[] }
  | { readonly kind: 'none' }
  | {
      readonly kind: 'failed';
      readonly reason: string;
      /** What a server would say to a message as well. */
      readonly refused?: DefinedError | undefined;
    };

/** What a device publishes of itself and its account; parts that are absent stay as they are. */
export interface Publication {
  readonly kuA: Uint8Array;
  readonly list: Uint8Array;
  /** All that the list names. */
  readonly certificates: readonly Uint8Array[];
  readonly rollover?: Uint8Array | undefined;
  readonly deviceId: Uint8Array;
  readonly prekey?: Uint8Array | undefined;
  readonly tombstone?: Uint8Array | undefined;
  /** Where the directory takes them. */
  readonly oneTimeKeys?: readonly Uint8Array[] | undefined;
  /** Our own certificate while it is not listed: asks for approval. */
  readonly waiting?: Uint8Array | undefined;
}

export type Published =
  | { readonly kind: 'taken'; readonly oneTimeKeysLeft?: number | undefined }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string };

/** A directory as one person's engine sees it; never rejects, each call is over within its time. */
export interface Directory {
  readonly kind: 'gateway' | 'pep';
  /** Whether it can have keys of this bare JID at all: the gateway's only those of its domains. */
  covers(jid: string): boolean;
  fetch(jid: string, wantsOneTimeKeys: boolean): Promise<Found>;
  publish(publication: Publication): Promise<Published>;
  /** Hears that the entry of a bare JID has changed. */
  onChanged(listener: (jid: string) => void): void;
}
