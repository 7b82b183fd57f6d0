// What the virtual contact says unasked: one kind for each occasion, with the
// facts that its text needs. Words are in the tables of words/.
import type { OutboxFacts, VerificationFacts } from '../desk.ts';
import type { EndReason } from '../verification.ts';

/** The facts of each announcement. Fingerprints are 60 digits in groups, device ids 32 hexadecimal digits. */
export interface AnnouncementFacts {
  /** `isVouched`: the old key has signed for the new one. */
  readonly 'key-changed': {
    readonly contact: string;
    readonly fingerprint: string;
    readonly wasVerified: boolean;
    readonly isVouched: boolean;
  };
  readonly 'key-returned': { readonly contact: string };
  readonly undecided: { readonly contact: string; readonly fingerprint: string };
  readonly 'new-device': { readonly contact: string; readonly device: string };
  readonly 'device-added': { readonly contact: string; readonly device: string };
  /** Without an id where a directory withholds the device. */
  readonly 'device-skipped': { readonly contact: string; readonly device: string | undefined };
  readonly 'own-device-waiting': { readonly device: string; readonly code: string };
  readonly 'own-device-added': { readonly device: string };
  /** The device that hears it. */
  readonly 'own-device-removed': { readonly account: string };
  readonly 'opt-out': { readonly contact: string };
  readonly unsent: Pick<OutboxFacts, 'number' | 'to' | 'reason'>;
  readonly unreadable: { readonly contact: string; readonly reason: string };
  /** `at`: when it was noticed, in milliseconds since 1970. */
  readonly 'restored-database': { readonly at: number };
  readonly 'list-rolled-back': { readonly contact: string; readonly seen: number; readonly known: number };
  readonly 'two-lists': { readonly contact: string };
  readonly 'two-keys': { readonly contact: string };
  readonly 'session-broken': { readonly contact: string; readonly device: string };
  readonly 'no-keys': { readonly contact: string };
  readonly 'old-prekey': { readonly contact: string; readonly device: string; readonly days: number };
  readonly 'first-encrypted': { readonly contact: string; readonly fingerprint: string };
  readonly verification: VerificationFacts & { readonly reason?: EndReason | undefined };
}

export type AnnouncementKind = keyof AnnouncementFacts;
