// An X.509 certificate of version 3 (RFC 5280 §4.1), signed with ECDSA on P-256.

import { sign, type KeyObject } from 'node:crypto';
import { bitString, contextHolding, element, objectIdentifier, sequence, smallInteger, tag } from '../crypto/asn1.ts';

/** The parts of a distinguished name that are used here. */
export interface DistinguishedName {
  readonly organization: string;
  /** At most 64 characters (RFC 5280, `ub-common-name`). */
  readonly commonName: string;
}

export interface CertificateContent {
  /** Positive, 16 bytes; no two of one issuer are the same. */
  readonly serial: Uint8Array;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  /** Seconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  readonly extensions: readonly Uint8Array[];
}

const ecdsaWithSha256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'));
const versionThree = element(contextHolding(0), smallInteger(2));

/** The certificate's DER. */
export function signCertificate(content: CertificateContent, key: KeyObject): Uint8Array {
  const { serial, issuer, subject, notBefore, notAfter, publicKey, extensions } = content;
  const signed = sequence(
    versionThree,
    element(tag.integer, serial),
    ecdsaWithSha256,
    distinguishedName(issuer),
    sequence(time(notBefore), time(notAfter)),
    distinguishedName(subject),
    publicKey,
    element(contextHolding(3), sequence(...extensions)),
  );
  return sequence(signed, ecdsaWithSha256, bitString(sign('sha256', signed, key)));
}

/** A serial number from 16 random bytes: positive, and in its shortest form whatever they are. */
export function serialNumber(random: Uint8Array): Uint8Array {
  const serial = new Uint8Array(random);
  serial[0] = (random[0]! & 0x7f) | 0x40;
  return serial;
}

function distinguishedName({ organization, commonName }: DistinguishedName): Uint8Array {
  const part = (oid: string, text: string): Uint8Array =>
    element(tag.set, sequence(objectIdentifier(oid), element(tag.utf8String, Buffer.from(text, 'utf8'))));
  return sequence(part('2.5.4.10', organization), part('2.5.4.3', commonName));
}

/** §4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050 on. */
function time(seconds: number): Uint8Array {
  const date = new Date(seconds * 1000);
  // YYYYMMDDHHMMSSZ
  const digits = date
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(/[-:T]/g, '');
  return date.getUTCFullYear() < 2050
    ? element(tag.utcTime, Buffer.from(digits.slice(2), 'ascii'))
    : element(tag.generalizedTime, Buffer.from(digits, 'ascii'));
}
