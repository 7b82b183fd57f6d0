// The file ca.pem: the certificates of the authorities in use, for whoever
// shall trust them. It can be read without the keystore and holds no key.

import { X509Certificate } from 'node:crypto';
import { SimppError } from '../../shared/errors.ts';
import { readText } from '../config/read.ts';
import { writeFileAtomically } from '../config/write.ts';
import { covers, publicAuthority, renewalSeconds, validUntil, type PublicAuthority } from './authority.ts';
import { dnsNameOf } from './names.ts';

/** The certificates as PEM, one after the other. */
export function authoritiesPem(authorities: readonly PublicAuthority[]): string {
  return authorities.map(({ certificate }) => certificate.toString()).join('');
}

/** Writes the file where it says something else. */
export function publishAuthorities(file: string, authorities: readonly PublicAuthority[]): void {
  const pem = authoritiesPem(authorities);
  if (readText(file) !== pem) writeFileAtomically(file, pem);
}

/** The authorities in the file, the oldest first; none when there is no file. Throws SimppError('storage-failed'). */
export function readPublished(file: string): readonly PublicAuthority[] {
  const text = readText(file) ?? '';
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.map((block) => publicAuthority(new Uint8Array(new X509Certificate(block).raw)));
  } catch (cause) {
    throw new SimppError('storage-failed', `${file} cannot be read; remove it, it is made again.`, { cause });
  }
}

/** Whether each domain has an authority that lasts. */
export function suffices(authorities: readonly PublicAuthority[], domains: readonly string[], now: number): boolean {
  const lasting = authorities.filter(({ certificate }) => validUntil(certificate) - now > renewalSeconds);
  const names = domains.map(dnsNameOf).filter((name) => name !== undefined);
  return lasting.length > 0 && names.every((name) => lasting.some((authority) => covers(authority, name)));
}
