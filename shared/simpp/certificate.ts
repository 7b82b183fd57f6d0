// Device certificates and the device list: what KR_A signs (docs/protocol.md
// §3). A certificate counts only while the list names it; identifiers are
// hashes of bodies, never of signatures, which can be remade.
import { equalBytes } from '../bytes.ts';
import type { Crypto, PrivateKey, PublicKey } from '../crypto/provider.ts';
import { SimppError } from '../errors.ts';
import { labelled } from './labels.ts';
import {
  certificateBody,
  deviceListBody,
  signedObject,
  type CertificateBody,
  type DeviceListBody,
} from './messages.ts';
import { openBody, signBody } from './signed.ts';

/** How far clocks of honest machines may differ, in seconds (§3). */
export const clockToleranceSeconds = 48 * 3600;

/** A device certificate, signed by KR_A in context device-cert. */
export function signCertificate(crypto: Crypto, krA: PrivateKey, values: CertificateBody): Uint8Array {
  return signBody(crypto, krA, 'device-cert', certificateBody, values);
}

const nameOf = (crypto: Crypto, body: Uint8Array): Uint8Array => crypto.sha256(labelled('device-cert-hash', body));

/** The name of a certificate in a device list: SHA-256 over its labelled body. */
export function certificateHash(crypto: Crypto, encodedCertificate: Uint8Array): Uint8Array {
  return nameOf(crypto, signedObject.decode(encodedCertificate).body);
}

/** A device list, signed by KR_A in context device-list; the hashes are put into ascending order. */
export function signDeviceList(crypto: Crypto, krA: PrivateKey, values: DeviceListBody): Uint8Array {
  return signBody(crypto, krA, 'device-list', deviceListBody, {
    ...values,
    certificates: values.certificates.toSorted(compareBytes),
  });
}

const listHashOf = (crypto: Crypto, body: Uint8Array): Uint8Array => crypto.sha256(labelled('device-list-hash', body));

/** The hash that tells two lists of one version apart (§9.1): SHA-256 over the labelled body. */
export function deviceListHash(crypto: Crypto, encodedList: Uint8Array): Uint8Array {
  return listHashOf(crypto, signedObject.decode(encodedList).body);
}

/** A device list whose signature, order and date hold, and its hash. */
export interface OpenedList {
  readonly list: DeviceListBody;
  readonly hash: Uint8Array;
}

/** Checks a list alone: signature of KU_A, the KU_A and the order inside, the date at `now` (seconds since 1970). */
export function openDeviceList(crypto: Crypto, kuA: PublicKey, encodedList: Uint8Array, now: number): OpenedList {
  const { values: list, body } = openBody(crypto, kuA, 'device-list', deviceListBody, encodedList);
  if (!equalBytes(list.kuA, kuA.bytes)) throw new SimppError('handshake-failed', 'the list is of another account key');
  for (const [at, hash] of list.certificates.entries()) {
    const before = list.certificates[at - 1];
    if (before !== undefined && compareBytes(before, hash) >= 0) {
      throw new SimppError('malformed-message', 'the certificates of a list are not in order');
    }
  }
  if (list.issued > now + clockToleranceSeconds) {
    throw new SimppError('handshake-failed', 'the list is not valid at this time');
  }
  return { list, hash: listHashOf(crypto, body) };
}

/** A certificate that its account's list names, and its name there. */
export interface OpenedCertificate {
  readonly certificate: CertificateBody;
  readonly name: Uint8Array;
}

/** Checks a certificate against a list that is opened already: signature of KU_A, one JID, its name listed, its dates at `now`. */
export function openCertificate(
  crypto: Crypto,
  kuA: PublicKey,
  list: DeviceListBody,
  encodedCertificate: Uint8Array,
  now: number,
): OpenedCertificate {
  const { values: certificate, body } = openBody(crypto, kuA, 'device-cert', certificateBody, encodedCertificate);
  if (certificate.jid !== list.jid) throw new SimppError('handshake-failed', 'certificate and list differ in the JID');
  const name = nameOf(crypto, body);
  if (!list.certificates.some((hash) => equalBytes(hash, name))) {
    throw new SimppError('handshake-failed', 'the list does not name the certificate');
  }
  if (certificate.notBefore > now + clockToleranceSeconds || certificate.notAfter < now - clockToleranceSeconds) {
    throw new SimppError('handshake-failed', 'the certificate is not valid at this time');
  }
  return { certificate, name };
}

/** A device as its certificate and its account's list describe it, all signatures checked. */
export interface ListedDevice {
  readonly certificate: CertificateBody;
  readonly list: DeviceListBody;
}

/** Checks a list and a certificate that it must name, as openDeviceList and openCertificate do. */
export function openListedDevice(
  crypto: Crypto,
  kuA: PublicKey,
  encodedCertificate: Uint8Array,
  encodedList: Uint8Array,
  now: number,
): ListedDevice {
  const { list } = openDeviceList(crypto, kuA, encodedList, now);
  const { certificate } = openCertificate(crypto, kuA, list, encodedCertificate, now);
  return { certificate, list };
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const difference = a[at]! - b[at]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
