// The gateway's directory: which devices may log in for which JID. It holds
// public values only, so that a stolen one impersonates nobody (docs/protocol.md
// §4 Directory). Several gateways may share one database: each method is safe
// against the same call running elsewhere.

import type { KeyStore } from './key-store.ts';

export type DeviceStatus = 'listed' | 'pending' | 'revoked';

export interface DeviceRow {
  readonly jid: string;
  /** 16 bytes, unique among the listed devices of a JID. */
  readonly deviceId: Uint8Array;
  /** KU_Dd, 65 bytes, unique in the directory. */
  readonly agreementKey: Uint8Array;
  /** KU_Ds, 65 bytes. */
  readonly signingKey: Uint8Array;
  readonly certificate: Uint8Array;
  /** SHA-256 by which device lists name the certificate (§3), 32 bytes. */
  readonly certificateName: Uint8Array;
  /** Until when the certificate is valid, in seconds since 1970. */
  readonly notAfter: number;
  readonly status: DeviceStatus;
  /** Highest state epoch seen (§6). */
  readonly epoch: number;
}

export interface AccountRow {
  readonly jid: string;
  /** KU_A, 65 bytes. */
  readonly accountKey: Uint8Array;
  readonly listVersion: number;
  /** Seconds. */
  readonly listIssued: number;
  /** The signed device list. */
  readonly list: Uint8Array;
}

/** A registration whose signatures were verified, whose list names the device, and whose JID the XMPP server itself has bound (§4 Ownership). */
export interface Registration extends AccountRow {
  /** The names of the certificates in the list: a listed device whose certificate a newer list no longer names is revoked. */
  readonly certificateNames: readonly Uint8Array[];
  readonly device: Omit<DeviceRow, 'jid' | 'status'>;
  /** Seconds. */
  readonly at: number;
}

/**
 * `registered`: the JID was free, or released, and now belongs to this account key.
 * `refreshed`: same account key, and the device is in the newest list.
 * `pending`: the device waits for its account's approval; it may log in, no more.
 */
export type RegistrationResult = 'registered' | 'refreshed' | 'pending';

/** Of one JID; what comes after them drops the oldest, or a stranger with the password could fill the disk. */
export const maxPendingDevices = 10;

export interface ClassicRow {
  /** ID_A. */
  readonly id: string;
  /** KU_A on P-224, 57 bytes. */
  readonly accountKey: Uint8Array;
  /** K_A in clear, as the paper stores it: one reason why this profile is for reproduction only (§1). */
  readonly masterKey: Uint8Array;
}

/** The classic profile's own tables; that no JID is in both is the caller's policy (§1). */
export interface ClassicDirectory {
  classicAccount(id: string): Promise<ClassicRow | undefined>;
  /** `conflict`: the ID belongs to another KU_A; nothing was changed. */
  registerClassic(row: ClassicRow): Promise<'registered' | 'refreshed' | 'conflict'>;
  removeClassic(id: string): Promise<boolean>;
}

export interface DirectoryStore extends ClassicDirectory {
  /** What the devices have published for others. */
  readonly keys: KeyStore;
  /** The device that owns this agreement key, whatever its status. */
  deviceByAgreementKey(agreementKey: Uint8Array): Promise<DeviceRow | undefined>;
  account(jid: string): Promise<AccountRow | undefined>;
  /** In the order in which they came. */
  devices(jid: string): Promise<readonly DeviceRow[]>;
  countAccounts(): Promise<number>;
  /** Throws SimppError('gateway-refused') when the agreement key belongs to another JID. */
  register(registration: Registration): Promise<RegistrationResult>;
  /** Records a state epoch of the device that owns this agreement key, only forward. */
  touch(agreementKey: Uint8Array, epoch: number): Promise<void>;
  /** Revokes a listed device, or drops a pending one of this id; false when there is none. */
  revoke(jid: string, deviceId: Uint8Array): Promise<boolean>;
  /** Deletes the JID's entry with its devices, after XEP-0077 `<remove/>`; false when there was none. */
  remove(jid: string): Promise<boolean>;
  close(): Promise<void>;
}
