// What people compare: 60 digits from the first 199 bits of a labelled
// SHA-256 (docs/protocol.md §3). One per person, and one per gateway.
import { toHex, utf8 } from '../bytes.ts';
import type { Crypto } from '../crypto/provider.ts';
import { labelled } from './labels.ts';

/** A gateway's public keys: agreement and signing half, uncompressed SEC1 (65 bytes each in simpp-2). */
export interface GatewayKeys {
  readonly agreement: Uint8Array;
  readonly signing: Uint8Array;
}

/** SHA-256 over a person's bare JID and KU_A: 32 bytes. */
export function personFingerprint(crypto: Crypto, bareJid: string, kuA: Uint8Array): Uint8Array {
  return crypto.sha256(labelled('fingerprint', utf8(bareJid), kuA));
}

/** SHA-256 over both halves of KU_S: 32 bytes. */
export function gatewayFingerprint(crypto: Crypto, keys: GatewayKeys): Uint8Array {
  return crypto.sha256(labelled('gateway-fingerprint', keys.agreement, keys.signing));
}

/** The first 199 bits of a fingerprint as 60 decimal digits, in twelve groups of five. */
export function fingerprintDigits(fingerprint: Uint8Array): string {
  const first200 = BigInt(`0x${toHex(fingerprint.subarray(0, 25))}`);
  const digits = (first200 >> 1n).toString().padStart(60, '0');
  return digits.replace(/(.{5})(?=.)/g, '$1 ');
}
