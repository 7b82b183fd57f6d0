// What devices publish, as the directory keeps and gives it (docs/protocol.md
// §9.1). All of it is signed and public; signatures are checked before it comes
// here, the order of versions and who may publish is checked here, where no
// other gateway can come between.
import type { AccountRow, DeviceRow } from './directory.ts';

/** A device as a certificate of its account describes it. */
export type CertifiedDevice = Omit<DeviceRow, 'jid' | 'status' | 'epoch'>;

/** A list with those of its certificates that came with it, all verified under its account key. */
export interface CheckedList extends Omit<AccountRow, 'jid'> {
  readonly certificateNames: readonly Uint8Array[];
  readonly devices: readonly CertifiedDevice[];
}

export interface CheckedRollover {
  readonly rollover: Uint8Array;
  /** Who signed it, and whom it names. */
  readonly accountKey: Uint8Array;
  readonly nextAccountKey: Uint8Array;
}

/** What a device publishes, every signature verified; absent parts stay as they are. */
export interface CheckedPublication {
  readonly jid: string;
  /** KU_Dd of the device whose channel it came in. */
  readonly agreementKey: Uint8Array;
  readonly list: CheckedList | undefined;
  readonly rollover: CheckedRollover | undefined;
  readonly prekey: { readonly signed: Uint8Array; readonly issued: number } | undefined;
  readonly tombstone: Uint8Array | undefined;
  /** Seconds. */
  readonly at: number;
}

export interface PublishResult {
  readonly outcome: 'taken' | 'refused';
  /** What the directory has afterwards. */
  readonly listVersion: number;
  readonly oneTimeKeysLeft: number;
  /** Whether others would see a difference. */
  readonly isChanged: boolean;
}

export interface OneTimeKey {
  readonly id: number;
  readonly signed: Uint8Array;
}

export interface PublishedDevice extends Pick<DeviceRow, 'deviceId' | 'agreementKey' | 'certificate'> {
  readonly status: 'listed' | 'pending';
  readonly prekey: Uint8Array | undefined;
  readonly tombstone: Uint8Array | undefined;
}

export interface PublishedEntry {
  readonly account: AccountRow;
  readonly rollover: Uint8Array | undefined;
  /** In the order in which they came; pending ones too. */
  readonly devices: readonly PublishedDevice[];
}

/** Leave for the next login under another account key to take the JID (design: Reset without the old key). */
export interface Reset {
  /** Seconds: not before, not after. */
  readonly dueAt: number;
  readonly expiresAt: number;
  /** Whether a device of the account can stop it by publishing. */
  readonly canBeStopped: boolean;
}

export interface KeyStore {
  publish(publication: CheckedPublication): Promise<PublishResult>;
  /** All of them or none; those that were given out before are passed over. */
  addOneTimeKeys(
    agreementKey: Uint8Array,
    keys: readonly OneTimeKey[],
  ): Promise<{ readonly outcome: 'taken' | 'refused' | 'too-many'; readonly left: number }>;
  /** A one-time key of a device, each exactly once, whichever gateway asks. */
  takeOneTimeKey(agreementKey: Uint8Array, at: number): Promise<Uint8Array | undefined>;
  entry(jid: string): Promise<PublishedEntry | undefined>;
  /** False when the directory does not have the JID. */
  allowReset(jid: string, reset: Reset): Promise<boolean>;
  /** False when there was none. */
  stopReset(jid: string): Promise<boolean>;
  reset(jid: string): Promise<Reset | undefined>;
}
