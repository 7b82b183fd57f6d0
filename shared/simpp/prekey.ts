// What a device signs with KR_Ds to be written to: prekeys, one-time keys and
// its tombstone (docs/protocol.md §9.1). Opening checks the signature and that
// JID and device are those of the certificate.
import { equalBytes } from '../bytes.ts';
import type { Message } from '../codec/message.ts';
import type { Crypto, PrivateKey, PublicKey } from '../crypto/provider.ts';
import { SimppError } from '../errors.ts';
import {
  oneTimeBody,
  prekeyBody,
  tombstoneBody,
  type OneTimeBody,
  type PrekeyBody,
  type TombstoneBody,
} from './end-to-end-messages.ts';
import type { Label } from './labels.ts';
import type { CertificateBody } from './messages.ts';
import { openBody, signBody } from './signed.ts';

/** After this many seconds a device replaces its prekey (§9.1). */
export const prekeyRenewalSeconds = 7 * 24 * 3600;
/** When a prekey is older than this, senders warn; the private parts live as long after their replacement. */
export const prekeyStaleSeconds = 30 * 24 * 3600;
/** A device whose prekey is older than this is skipped, visibly. */
export const prekeyDeadSeconds = 90 * 24 * 3600;

/** Offers G_y and a KEM key, signed in context prekey. */
export function signPrekey(crypto: Crypto, krDs: PrivateKey, values: PrekeyBody): Uint8Array {
  return signBody(crypto, krDs, 'prekey', prekeyBody, values);
}

/** Offers a key that is used once, signed in context one-time; its id must not be 0, which says "none" in C3. */
export function signOneTimeKey(crypto: Crypto, krDs: PrivateKey, values: OneTimeBody): Uint8Array {
  return signBody(crypto, krDs, 'one-time', oneTimeBody, values);
}

/** Retires the device, signed in context tombstone. */
export function signTombstone(crypto: Crypto, krDs: PrivateKey, values: TombstoneBody): Uint8Array {
  return signBody(crypto, krDs, 'tombstone', tombstoneBody, values);
}

/** Whose objects are read: the body of an opened certificate, and its KU_Ds imported. */
export interface DeviceIdentity {
  readonly certificate: Pick<CertificateBody, 'jid' | 'deviceId'>;
  readonly kuDs: PublicKey;
}

function openOfDevice<V extends { readonly jid: string; readonly deviceId: Uint8Array }>(
  crypto: Crypto,
  { certificate, kuDs }: DeviceIdentity,
  label: Label,
  declaration: Message<string, V>,
  encoded: Uint8Array,
): V {
  const { values } = openBody(crypto, kuDs, label, declaration, encoded);
  if (values.jid !== certificate.jid || !equalBytes(values.deviceId, certificate.deviceId)) {
    throw new SimppError('handshake-failed', `a ${declaration.name} is of another device`);
  }
  return values;
}

/** A prekey of this device; throws SimppError when it is not. */
export function openPrekey(crypto: Crypto, device: DeviceIdentity, encoded: Uint8Array): PrekeyBody {
  return openOfDevice(crypto, device, 'prekey', prekeyBody, encoded);
}

/** A one-time key of this device; throws SimppError when it is not. */
export function openOneTimeKey(crypto: Crypto, device: DeviceIdentity, encoded: Uint8Array): OneTimeBody {
  const values = openOfDevice(crypto, device, 'one-time', oneTimeBody, encoded);
  if (values.id === 0) throw new SimppError('malformed-message', 'a one-time key has no id');
  return values;
}

/** A tombstone of this device; throws SimppError when it is not. */
export function openTombstone(crypto: Crypto, device: DeviceIdentity, encoded: Uint8Array): TombstoneBody {
  return openOfDevice(crypto, device, 'tombstone', tombstoneBody, encoded);
}
