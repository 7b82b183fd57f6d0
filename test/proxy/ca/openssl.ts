// The openssl program as a second opinion on certificates.
import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export function pemOf(der: Uint8Array): string {
  return new X509Certificate(der).toString();
}

/** `openssl x509 -text`. */
export function textOf(der: Uint8Array): string {
  return execFileSync('openssl', ['x509', '-noout', '-text'], { input: pemOf(der), encoding: 'utf8' });
}

export interface Verification {
  /** Seconds since 1970. */
  readonly at: number;
  readonly host?: string;
  readonly ip?: string;
}

/** What `openssl verify` says: OK, or why not. */
export function verify(
  folder: string,
  authority: Uint8Array,
  leaf: Uint8Array,
  { at, host, ip }: Verification,
): string {
  const [caFile, leafFile] = [join(folder, 'ca.pem'), join(folder, 'leaf.pem')];
  writeFileSync(caFile, pemOf(authority));
  writeFileSync(leafFile, pemOf(leaf));
  const name = host === undefined ? [] : ['-verify_hostname', host];
  const address = ip === undefined ? [] : ['-verify_ip', ip];
  const how = ['-x509_strict', '-purpose', 'sslserver', '-attime', String(at), '-CAfile', caFile];
  const { stdout, stderr } = spawnSync('openssl', ['verify', ...how, ...name, ...address, leafFile], {
    encoding: 'utf8',
  });
  return /lookup: ?(.*)/.exec(stderr)?.[1] ?? (stdout.trim().endsWith('OK') ? 'OK' : stdout + stderr);
}
