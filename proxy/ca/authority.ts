// A certificate authority of this installation, and the certificates that it
// gives to the proxy's own TLS listeners. What it can be used for is fixed when
// it is made: TLS servers, of these domains and this machine, and nothing else
// (docs/threat-model.md). Made of values: who keeps it is local-certificates.ts.

import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  X509Certificate,
  type KeyObject,
} from 'node:crypto';
import { toHex } from '../../shared/bytes.ts';
import { serialNumber, signCertificate, type DistinguishedName } from './certificate.ts';
import {
  alternativeNames,
  authorityConstraints,
  authorityKey,
  forServers,
  leafConstraints,
  permittedNames,
  readPermittedNames,
  signsCertificates,
  signsHandshakes,
  subjectKey,
} from './extensions.ts';
import { isWithin, loopback } from './names.ts';

const day = 24 * 3600;

/** Ten years, with leap days: what has to be installed by hand should outlive the machine. */
export const authoritySeconds = 3652 * day;

/** What browsers and systems accept at most is 398 days. */
export const leafSeconds = 397 * day;

/** A certificate with less left is replaced, an authority with less left is not used any more. */
export const renewalSeconds = 30 * day;

/** Clients are on the same machine, but clocks are set back now and then. */
const backdatedSeconds = day;

/** A certificate with the key that belongs to it. */
export interface Certified {
  /** DER. */
  readonly certificate: Uint8Array;
  /** PKCS #8 in DER. */
  readonly privateKey: Uint8Array;
}

/** What an authority can be asked without its key. */
export interface PublicAuthority {
  readonly certificate: X509Certificate;
  /** Eight hexadecimal digits, which its name ends with. */
  readonly id: string;
  /** The DNS names that it may certify, with all below them; `localhost` besides. */
  readonly names: readonly string[];
}

export interface IssuingDeps {
  /** Seconds since 1970. */
  readonly now: () => number;
  readonly randomBytes: (length: number) => Uint8Array;
}

/** A new authority for these DNS names and this machine. */
export function newAuthority(names: readonly string[], { now, randomBytes }: IssuingDeps): Certified {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const id = keyId(spki);
  const notBefore = now() - backdatedSeconds;
  const name = authorityName(id);
  const certificate = signCertificate(
    {
      serial: serialNumber(randomBytes(16)),
      issuer: name,
      subject: name,
      notBefore,
      notAfter: notBefore + authoritySeconds,
      publicKey: spki,
      extensions: [authorityConstraints, signsCertificates, forServers, permittedNames(names), subjectKey(id)],
    },
    privateKey,
  );
  return { certificate, privateKey: privateKey.export({ type: 'pkcs8', format: 'der' }) };
}

/** A server certificate, with a key of its own, for these DNS names and this machine. */
export function issue(authority: Certified, names: readonly string[], { now, randomBytes }: IssuingDeps): Certified {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const issuerKey = importKey(authority);
  const issuerId = keyId(createPublicKey(issuerKey).export({ type: 'spki', format: 'der' }));
  const notBefore = now() - backdatedSeconds;
  const certificate = signCertificate(
    {
      serial: serialNumber(randomBytes(16)),
      issuer: authorityName(issuerId),
      subject: { organization: 'SIMPP', commonName: commonNameOf(names) },
      notBefore,
      notAfter: Math.min(notBefore + leafSeconds, validUntil(new X509Certificate(authority.certificate))),
      publicKey: spki,
      extensions: [
        leafConstraints,
        signsHandshakes,
        forServers,
        alternativeNames(names),
        subjectKey(keyId(spki)),
        authorityKey(issuerId),
      ],
    },
    issuerKey,
  );
  return { certificate, privateKey: privateKey.export({ type: 'pkcs8', format: 'der' }) };
}

/** What everybody may know of an authority's certificate. */
export function publicAuthority(der: Uint8Array): PublicAuthority {
  const certificate = new X509Certificate(der);
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return { certificate, id: shortId(keyId(spki)), names: readPermittedNames(der) };
}

/** Whether the authority may certify this DNS name. */
export function covers({ names }: PublicAuthority, name: string): boolean {
  return isWithin(name, [...names, loopback.dnsName]);
}

/** Seconds since 1970. */
export function validUntil(certificate: X509Certificate): number {
  return Math.floor(certificate.validToDate.getTime() / 1000);
}

/** Seconds since 1970. */
export function validFrom(certificate: X509Certificate): number {
  return Math.floor(certificate.validFromDate.getTime() / 1000);
}

/** The key as a handle that no log or dump of an object prints. */
export function importKey({ privateKey }: Certified): KeyObject {
  return createPrivateKey({ key: Buffer.from(privateKey), format: 'der', type: 'pkcs8' });
}

/** RFC 7093 §2, method 1. */
function keyId(spki: Uint8Array): Uint8Array {
  return new Uint8Array(hash('sha256', spki.subarray(spkiPrefixBytes), 'buffer').subarray(0, 20));
}

/** What stands before the point in the SubjectPublicKeyInfo of a P-256 key. */
const spkiPrefixBytes = 26;

/** Of its own for each authority: programs tell authorities apart by their names. */
function authorityName(id: Uint8Array): DistinguishedName {
  return { organization: 'SIMPP', commonName: `SIMPP local authority ${shortId(id)}` };
}

function shortId(id: Uint8Array): string {
  return toHex(id.subarray(0, 4));
}

/** A name that people recognise in a client's dialog; programs read the alternative names. */
function commonNameOf(names: readonly string[]): string {
  return names.find((name) => name.length <= maxCommonName) ?? loopback.dnsName;
}

const maxCommonName = 64;
