// Device certificates and the device list: what KR_A signs (docs/protocol.md
// §3). A certificate counts only while the list names it; identifiers are
// hashes of bodies, never of signatures, which can be remade.
import { equalBytes } from '../bytes.ts';
import type { Message } from '../codec/message.ts';
import type { Crypto, PrivateKey, PublicKey } from '../crypto/provider.ts';
import { SimppError } from '../errors.ts';
import { labelled, type Label } from './labels.ts';
import {
  certificateBody,
  deviceListBody,
  signedObject,
  type CertificateBody,
  type DeviceListBody,
} from './messages.ts';

/** How far clocks of honest machines may differ, in seconds (§3). */
export const clockToleranceSeconds = 48 * 3600;

function signBody<V>(
  crypto: Crypto,
  krA: PrivateKey,
  context: Label,
  declaration: Message<string, V>,
  values: V,
): Uint8Array {
  const body = declaration.encode(values);
  return signedObject.encode({ body, signature: crypto.p256.sign(krA, labelled(context, body)) });
}

function openBody<V>(
  crypto: Crypto,
  kuA: PublicKey,
  context: Label,
  declaration: Message<string, V>,
  encoded: Uint8Array,
): { readonly values: V; readonly body: Uint8Array } {
  const { body, signature } = signedObject.decode(encoded);
  if (!crypto.p256.verify(kuA, labelled(context, body), signature)) {
    throw new SimppError('handshake-failed', 'a signature of the account key does not verify');
  }
  return { values: declaration.decode(body), body };
}

/** A device certificate, signed by KR_A in context device-cert. */
export function signCertificate(crypto: Crypto, krA: PrivateKey, values: CertificateBody): Uint8Array {
  return signBody(crypto, krA, 'device-cert', certificateBody, values);
}

/** The name of a certificate in a device list: SHA-256 over its labelled body. */
export function certificateHash(crypto: Crypto, encodedCertificate: Uint8Array): Uint8Array {
  return crypto.sha256(labelled('device-cert-hash', signedObject.decode(encodedCertificate).body));
}

/** A device list, signed by KR_A in context device-list; the hashes are put into ascending order. */
export function signDeviceList(crypto: Crypto, krA: PrivateKey, values: DeviceListBody): Uint8Array {
  return signBody(crypto, krA, 'device-list', deviceListBody, {
    ...values,
    certificates: values.certificates.toSorted(compareBytes),
  });
}

/** A device as its certificate and its account's list describe it, all signatures checked. */
export interface ListedDevice {
  readonly certificate: CertificateBody;
  readonly list: DeviceListBody;
}

/**
 * Checks a certificate and the list that must name it: signatures of KU_A, one
 * JID, one KU_A, the list's order, the dates at `now` (seconds since 1970).
 */
export function openListedDevice(
  crypto: Crypto,
  kuA: PublicKey,
  encodedCertificate: Uint8Array,
  encodedList: Uint8Array,
  now: number,
): ListedDevice {
  const { values: certificate, body } = openBody(crypto, kuA, 'device-cert', certificateBody, encodedCertificate);
  const { values: list } = openBody(crypto, kuA, 'device-list', deviceListBody, encodedList);
  if (certificate.jid !== list.jid) throw new SimppError('handshake-failed', 'certificate and list differ in the JID');
  if (!equalBytes(list.kuA, kuA.bytes)) throw new SimppError('handshake-failed', 'the list is of another account key');
  for (const [at, hash] of list.certificates.entries()) {
    const before = list.certificates[at - 1];
    if (before !== undefined && compareBytes(before, hash) >= 0) {
      throw new SimppError('malformed-message', 'the certificates of a list are not in order');
    }
  }
  const name = crypto.sha256(labelled('device-cert-hash', body));
  if (!list.certificates.some((hash) => equalBytes(hash, name))) {
    throw new SimppError('handshake-failed', 'the list does not name the certificate');
  }
  if (
    certificate.notBefore > now + clockToleranceSeconds ||
    certificate.notAfter < now - clockToleranceSeconds ||
    list.issued > now + clockToleranceSeconds
  ) {
    throw new SimppError('handshake-failed', 'the certificate or list is not valid at this time');
  }
  return { certificate, list };
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const difference = a[at]! - b[at]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
