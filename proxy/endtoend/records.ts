// What is kept of end-to-end encryption, as values: proxy/store/endtoend writes
// and reads them, secrets sealed. All belong to one account; ids are lower-case
// hexadecimal, times milliseconds since 1970, JIDs bare and prepared.
import type { Policy, TrustState } from './desk.ts';

/** A contact whose keys are known, or for whom something was decided. */
export interface ContactRecord {
  readonly jid: string;
  /** The pinned KU_A; absent while none is known. */
  readonly kuA?: Uint8Array | undefined;
  /** Another KU_A that was seen and waits for a decision. */
  readonly nextKuA?: Uint8Array | undefined;
  /** The signed list of the highest version seen under the pinned KU_A. */
  readonly list?: Uint8Array | undefined;
  readonly listVersion: number;
  readonly listHash?: Uint8Array | undefined;
  readonly trust: TrustState;
  /** Only where it was set for this contact. */
  readonly policy?: Policy | undefined;
  /** The contact has opted out, and the person agreed (transparency.md §5.5). */
  readonly hasOptedOut: boolean;
  /** Why nothing is sent, in a sentence; set by an alarm, cleared by a decision. */
  readonly alarm?: string | undefined;
  readonly fetchedAt?: number | undefined;
  readonly lastMessageAt?: number | undefined;
}

/** A device of a contact, or another one of one's own (the account is then its own contact). */
export interface DeviceRecord {
  readonly jid: string;
  readonly deviceId: string;
  readonly certificate: Uint8Array;
  readonly prekey?: Uint8Array | undefined;
  readonly state: 'listed' | 'new' | 'removed';
  readonly since: number;
  readonly lastSeen?: number | undefined;
}

/** One session with one device. */
export interface SessionRecord {
  readonly sessionId: string;
  readonly jid: string;
  readonly deviceId: string;
  /** As shared/simpp encodes it; secret. Empty once the session has ended: the id stays known (§9.2). */
  readonly state: Uint8Array;
  /** Send steps up to here may have been used (§9.8). */
  readonly leasedTo: number;
  readonly begunAt: number;
  readonly lastReceivedAt?: number | undefined;
  readonly isBroken: boolean;
  readonly endedAt?: number | undefined;
}

/** A message key that was skipped; secret. */
export interface SkippedKeyRecord {
  readonly sessionId: string;
  readonly dh: string;
  readonly number: number;
  readonly key: Uint8Array;
  readonly at: number;
}

/** A prekey of this device. */
export interface OwnPrekeyRecord {
  readonly id: number;
  /** y; secret. */
  readonly secret: Uint8Array;
  /** Seed d ‖ z of the decapsulation key; secret. */
  readonly seed: Uint8Array;
  readonly signed: Uint8Array;
  readonly issuedAt: number;
}

/** A one-time key of this device. */
export interface OwnOneTimeRecord {
  readonly id: number;
  readonly secret: Uint8Array;
  readonly issuedAt: number;
}

/** A message as it was said or read, by the digest of its ciphertext. */
export interface ArchivedMessage {
  readonly digest: string;
  readonly contact: string;
  readonly isOwn: boolean;
  readonly at: number;
  /** The stanza's id, or ''. */
  readonly id: string;
  readonly state: 'encrypted' | 'plaintext' | 'unreadable';
  /** Who sealed it, where that is known. */
  readonly deviceId?: string | undefined;
  /** The XEP-0420 envelope in UTF-8; empty for what cannot be read; secret. */
  readonly envelope: Uint8Array;
  /** The body, for `history search`; secret. */
  readonly text: string;
}

/** A message that could not be sent under policy. */
export interface UnsentMessage {
  readonly number: number;
  readonly to: string;
  readonly at: number;
  readonly reason: string;
  readonly id: string;
  /** The client's stanza; secret. */
  readonly stanza: Uint8Array;
  readonly text: string;
}
