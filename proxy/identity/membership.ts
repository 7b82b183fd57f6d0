// Which devices an account has: what KR_A signs when one is added or removed,
// and how a device takes its place in a list that another one has signed
// (docs/protocol.md §3; design: the account key never travels).

import { equalBytes } from '../../shared/bytes.ts';
import type { Crypto, PrivateKey } from '../../shared/crypto/provider.ts';
import { SimppError } from '../../shared/errors.ts';
import { certificateHash, openListedDevice, signCertificate, signDeviceList } from '../../shared/simpp/certificate.ts';
import { deviceListBody, signedObject, type DeviceListBody } from '../../shared/simpp/messages.ts';
import { certificateSeconds, type AccountIdentity } from './account-identity.ts';

/** What is known of a device that asks to be listed. */
export interface DeviceClaim {
  readonly deviceId: Uint8Array;
  /** KU_Ds and KU_Dd, as the device itself has certified them. */
  readonly kuDs: Uint8Array;
  readonly kuDd: Uint8Array;
}

/** A new list, with the certificates that are new in it. */
export interface ListChange {
  readonly identity: AccountIdentity;
  readonly added: readonly Uint8Array[];
}

function listOf(identity: AccountIdentity): DeviceListBody {
  // Our own, from the sealed store, or checked when it was taken.
  return deviceListBody.decode(signedObject.decode(identity.deviceList).body);
}

function accountKeyOf(identity: AccountIdentity): PrivateKey {
  if (identity.krA === undefined) {
    throw new SimppError(
      'key-missing',
      'This device does not hold the account key: use one that does, or the recovery phrase.',
    );
  }
  return identity.krA;
}

function withCertificates(
  identity: AccountIdentity,
  krA: PrivateKey,
  certificates: readonly Uint8Array[],
  crypto: Crypto,
  now: number,
): AccountIdentity {
  const version = identity.listVersion + 1;
  const deviceList = signDeviceList(crypto, krA, {
    jid: identity.jid,
    kuA: krA.publicKey.bytes,
    version,
    issued: now,
    certificates,
  });
  return { ...identity, deviceList, listVersion: version };
}

/** Certifies and lists another device; throws SimppError('key-missing') without KR_A. `now` in seconds since 1970. */
export function addDevice(identity: AccountIdentity, claim: DeviceClaim, crypto: Crypto, now: number): ListChange {
  const krA = accountKeyOf(identity);
  const { deviceId, kuDs, kuDd } = claim;
  const dates = { notBefore: now, notAfter: now + certificateSeconds };
  const added = signCertificate(crypto, krA, { jid: identity.jid, deviceId, kuDs, kuDd, ...dates });
  const names = [...listOf(identity).certificates, certificateHash(crypto, added)];
  return { identity: withCertificates(identity, krA, names, crypto, now), added: [added] };
}

/** Takes a device off the list; throws SimppError('key-missing') without KR_A. */
export function removeDevice(
  identity: AccountIdentity,
  certificate: Uint8Array,
  crypto: Crypto,
  now: number,
): AccountIdentity {
  const krA = accountKeyOf(identity);
  const name = certificateHash(crypto, certificate);
  const names = listOf(identity).certificates.filter((listed) => !equalBytes(listed, name));
  return withCertificates(identity, krA, names, crypto, now);
}

/**
 * The identity as a member of the account that signed this certificate and list for its keys; undefined when they are
 * for other keys or do not verify. Without KR_A: this device's own account key was never the account's.
 */
export function adopted(
  identity: AccountIdentity,
  found: { readonly kuA: Uint8Array; readonly certificate: Uint8Array; readonly list: Uint8Array },
  crypto: Crypto,
  now: number,
): AccountIdentity | undefined {
  try {
    const kuA = crypto.p256.publicKey(found.kuA);
    const { certificate, list } = openListedDevice(crypto, kuA, found.certificate, found.list, now);
    const isOurs =
      certificate.jid === identity.jid &&
      equalBytes(certificate.deviceId, identity.deviceId) &&
      equalBytes(certificate.kuDs, identity.signing.publicKey.bytes) &&
      equalBytes(certificate.kuDd, identity.agreement.publicKey.bytes);
    if (!isOurs) return undefined;
    const keeps = identity.krA !== undefined && equalBytes(identity.kuA, found.kuA);
    return {
      ...identity,
      kuA: found.kuA,
      krA: keeps ? identity.krA : undefined,
      certificate: found.certificate,
      deviceList: found.list,
      listVersion: list.version,
      state: 'registered',
    };
  } catch (error) {
    if (error instanceof SimppError) return undefined;
    throw error;
  }
}

/** This device lists itself in an account whose KR_A its recovery phrase has given; `list` is the account's, checked. */
export function recovered(
  identity: AccountIdentity,
  krA: PrivateKey,
  list: DeviceListBody,
  crypto: Crypto,
  now: number,
): ListChange {
  const { deviceId, signing, agreement } = identity;
  const member = { ...identity, kuA: krA.publicKey.bytes, krA, listVersion: list.version };
  const claim = { deviceId, kuDs: signing.publicKey.bytes, kuDd: agreement.publicKey.bytes };
  const dates = { notBefore: now, notAfter: now + certificateSeconds };
  const certificate = signCertificate(crypto, krA, { jid: identity.jid, ...claim, ...dates });
  const names = [...list.certificates, certificateHash(crypto, certificate)];
  return {
    identity: { ...withCertificates(member, krA, names, crypto, now), certificate, state: 'none' },
    added: [certificate],
  };
}
