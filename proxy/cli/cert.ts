// `simpp cert status` and `simpp cert export`.

import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { getCACertificates } from 'node:tls';
import { SimppError } from '../../shared/errors.ts';
import type { PublicAuthority } from '../ca/authority.ts';
import { authoritiesPem, readPublished } from '../ca/published.ts';
import { findHome } from '../config/home.ts';
import { ensureAuthorities, isComplete, setUpDomains } from './authorities.ts';
import { processOutput } from './output.ts';

/** The command line of `simpp cert status`. */
export interface CertStatusFlags {
  readonly json?: boolean;
}

/** Runs `simpp cert status`. */
export function showCertStatus(flags: CertStatusFlags): void {
  const output = processOutput(flags.json === true);
  const home = findHome();
  const published = readPublished(home.authorityFile);
  const complete = isComplete(published, setUpDomains(home));
  const trusted = systemFingerprints();
  const authorities = published.map((authority) => entryOf(authority, trusted));
  for (const { name, fingerprint, names, notAfter, isTrusted } of authorities) {
    output.say(name);
    output.say(`  fingerprint    ${fingerprint}`);
    output.say(`  certifies      ${names.join(', ')}`);
    output.say(`  valid until    ${notAfter.slice(0, 10)}`);
    output.say(`  trusted        ${isTrusted ? 'by this system' : 'not by this system: "simpp cert install"'}`);
  }
  if (authorities.length > 0) output.say(`\nThe certificate is in ${home.authorityFile}.`);
  if (!complete) output.say(authorities.length === 0 ? noneYet : oneMissing);
  output.result({ authorities, file: home.authorityFile, complete });
}

const noneYet =
  'There is no local authority yet. It is made when the proxy first listens with TLS, and by "simpp cert install" or "export".';
const oneMissing =
  'A set-up has a domain that no authority covers yet. One is made when the proxy next listens with TLS, and by "simpp cert install" or "export".';

interface Entry {
  readonly name: string;
  /** SHA-256, as other programs show it. */
  readonly fingerprint: string;
  readonly names: readonly string[];
  /** ISO 8601. */
  readonly notAfter: string;
  readonly isTrusted: boolean;
}

function entryOf({ certificate, id, names }: PublicAuthority, trusted: ReadonlySet<string>): Entry {
  return {
    name: `SIMPP local authority ${id}`,
    fingerprint: certificate.fingerprint256,
    names: [...names, 'localhost', '127.0.0.1', '::1'],
    notAfter: certificate.validToDate.toISOString(),
    isTrusted: trusted.has(certificate.fingerprint256),
  };
}

/** The fingerprints of all authorities that this system trusts; SSL_CERT_FILE counts, as it does for others. */
export function systemFingerprints(): ReadonlySet<string> {
  return new Set(getCACertificates('system').map((pem) => new X509Certificate(pem).fingerprint256));
}

/** The command line of `simpp cert export`. */
export interface CertExportFlags {
  readonly out?: string;
  readonly json?: boolean;
}

/** Runs `simpp cert export`. */
export async function exportCert(flags: CertExportFlags): Promise<void> {
  const output = processOutput(flags.json === true);
  const pem = authoritiesPem(await ensureAuthorities(findHome()));
  if (flags.out === undefined) {
    output.say(pem.trimEnd());
    output.result({ pem });
    return;
  }
  try {
    writeFileSync(flags.out, pem, { mode: 0o644 });
  } catch (cause) {
    throw new SimppError('storage-failed', `The file ${flags.out} cannot be written.`, { cause });
  }
  output.say(`The certificate is in ${flags.out}.`);
  output.result({ file: flags.out });
}
