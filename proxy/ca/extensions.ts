// The extensions of the certificates (RFC 5280 §4.2), each as its whole DER.
// What a certificate must not be used for is critical: a program that does not
// understand it refuses.

import {
  bitString,
  boolean,
  context,
  contextHolding,
  element,
  objectIdentifier,
  readValues,
  sequence,
  smallInteger,
  tag,
} from '../crypto/asn1.ts';
import { loopback } from './names.ts';

const oids = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
} as const;

const dnsTag = context(2);
const ipTag = context(7);

function extension(oid: string, value: Uint8Array, how: 'critical' | 'optional'): Uint8Array {
  const critical = how === 'critical' ? [boolean(true)] : [];
  return sequence(objectIdentifier(oid), ...critical, element(tag.octetString, value));
}

/** §4.2.1.9: an authority that signs end certificates only. */
export const authorityConstraints = extension(
  oids.basicConstraints,
  sequence(boolean(true), smallInteger(0)),
  'critical',
);

/** §4.2.1.9: no authority. */
export const leafConstraints = extension(oids.basicConstraints, sequence(), 'critical');

/** §4.2.1.3: keyCertSign is bit 5. */
export const signsCertificates = extension(oids.keyUsage, bitString(Uint8Array.of(0b0000_0100), 2), 'critical');

/** §4.2.1.3: digitalSignature is bit 0. */
export const signsHandshakes = extension(oids.keyUsage, bitString(Uint8Array.of(0b1000_0000), 7), 'critical');

/** §4.2.1.12: TLS servers only, which for an authority counts for all below it. */
export const forServers = extension(oids.extendedKeyUsage, sequence(objectIdentifier(oids.serverAuth)), 'optional');

/** §4.2.1.2. */
export function subjectKey(id: Uint8Array): Uint8Array {
  return extension(oids.subjectKeyIdentifier, element(tag.octetString, id), 'optional');
}

/** §4.2.1.1. */
export function authorityKey(id: Uint8Array): Uint8Array {
  return extension(oids.authorityKeyIdentifier, sequence(element(context(0), id)), 'optional');
}

/** §4.2.1.6: these DNS names and this machine. */
export function alternativeNames(dnsNames: readonly string[]): Uint8Array {
  const names = [...dnsNames, loopback.dnsName].map((name) => element(dnsTag, Buffer.from(name, 'ascii')));
  const addresses = loopback.addresses.map((address) => element(ipTag, address));
  return extension(oids.subjectAltName, sequence(...names, ...addresses), 'optional');
}

/**
 * §4.2.1.10: DNS names at and below these, and this machine; no other name of these two kinds. A kind that is
 * not listed would be free, so addresses are listed, too.
 */
export function permittedNames(dnsNames: readonly string[]): Uint8Array {
  const names = [...dnsNames, loopback.dnsName].map((name) => element(dnsTag, Buffer.from(name, 'ascii')));
  // An address with its mask: exactly this one.
  const addresses = loopback.addresses.map((bytes) => element(ipTag, bytes, new Uint8Array(bytes.length).fill(0xff)));
  const subtrees = [...names, ...addresses].map((base) => sequence(base));
  return extension(oids.nameConstraints, sequence(element(contextHolding(0), ...subtrees)), 'critical');
}

/** The DNS names of `permittedNames` in a certificate, without `localhost`; none when it has no such extension. */
export function readPermittedNames(certificate: Uint8Array): readonly string[] {
  const [whole] = readValues(certificate);
  const [signed] = readValues(whole?.content ?? new Uint8Array(0));
  const extensions = readValues(signed?.content ?? new Uint8Array(0)).find((value) => value.tag === contextHolding(3));
  if (extensions === undefined) return [];
  const [list] = readValues(extensions.content);
  const wanted = objectIdentifier(oids.nameConstraints);
  for (const each of readValues(list?.content ?? new Uint8Array(0))) {
    const parts = readValues(each.content);
    const [oid] = parts;
    if (oid === undefined || !wanted.equals(element(oid.tag, oid.content))) continue;
    const [constraints] = readValues(parts.at(-1)?.content ?? new Uint8Array(0));
    const [permitted] = readValues(constraints?.content ?? new Uint8Array(0));
    return readValues(permitted?.content ?? new Uint8Array(0))
      .flatMap(({ content }) => readValues(content))
      .filter((base) => base.tag === dnsTag)
      .map((base) => Buffer.from(base.content).toString('ascii'))
      .filter((name) => name !== loopback.dnsName);
  }
  return [];
}
