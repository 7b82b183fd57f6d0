// What is wrong with a server's certificate, and who can mend it, in words.

import type { X509Certificate } from 'node:crypto';
import { SimppError } from '../../shared/errors.ts';
import { formatEndpoint, type Endpoint } from '../endpoint.ts';

/** A certificate that was refused. */
export interface RefusedCertificate {
  readonly endpoint: Endpoint;
  /** The XMPP domain that it should be for. */
  readonly domain: string;
  /** OpenSSL's or Node's code for the reason. */
  readonly code: string;
  /** As sent; undefined where the server sent none. */
  readonly certificate: X509Certificate | undefined;
  /** By this machine's clock. */
  readonly now: Date;
}

/** The refusal, with the reason's code for whoever explains it further. */
export class CertificateRefused extends SimppError {
  /** OpenSSL's or Node's code. */
  readonly reason: string;

  constructor(text: string, reason: string) {
    super('certificate-invalid', text);
    this.reason = reason;
  }
}

interface Fault {
  readonly reason: string;
  readonly mend: string;
}

const askAdministrator = 'Ask the administrator of the server.';

const untrusted: Fault = {
  reason: 'the authority that signed it is not trusted here',
  mend: 'If the server has an authority of its own, give its certificate with --server-ca; else ask its administrator.',
};

const asked = (reason: string): Fault => ({ reason, mend: askAdministrator });

const faults: Readonly<Record<string, (refused: RefusedCertificate) => Fault>> = {
  CERT_HAS_EXPIRED: outOfDate,
  CERT_NOT_YET_VALID: outOfDate,
  CERT_REVOKED: () => asked('it was revoked'),
  DEPTH_ZERO_SELF_SIGNED_CERT: () => ({ ...untrusted, reason: 'it is self-signed' }),
  SELF_SIGNED_CERT_IN_CHAIN: () => untrusted,
  UNABLE_TO_GET_ISSUER_CERT: () => untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: () => untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: () => untrusted,
  CERT_UNTRUSTED: () => untrusted,
  CERT_SIGNATURE_FAILURE: () => asked('its signature is wrong'),
  INVALID_PURPOSE: () => asked('it is not a certificate for servers'),
  INVALID_CA: () => asked('it was signed by a certificate that is no authority'),
  PATH_LENGTH_EXCEEDED: () => asked('its chain is longer than its authority allows'),
  HOSTNAME_MISMATCH: wrongName,
  ERR_TLS_CERT_ALTNAME_INVALID: wrongName,
  // What a server says to an SNI that it does not know (RFC 6066 §3).
  ERR_SSL_TLSV1_UNRECOGNIZED_NAME: () => asked('the server has none for it'),
  ERR_SSL_TLSV13_UNRECOGNIZED_NAME: () => asked('the server has none for it'),
};

/** The refusal; undefined for a code that is not about certificates. */
export function certificateFault(refused: RefusedCertificate): CertificateRefused | undefined {
  const fault = faults[refused.code]?.(refused);
  if (fault === undefined) return undefined;
  const where = formatEndpoint(refused.endpoint);
  const text = `The certificate of ${where} is not valid for ${refused.domain}: ${fault.reason}. ${fault.mend}`;
  return new CertificateRefused(text, refused.code);
}

/** Expired, or not valid yet: as likely as the certificate's date is that of this machine. */
function outOfDate({ code, certificate, now }: RefusedCertificate): Fault {
  const here = `This machine's clock says ${utc(now)}: if that is wrong, set it; else ask the server's administrator`;
  const renewal = `${here} for a new certificate.`;
  const [from, to] = [certificate?.validFromDate, certificate?.validToDate];
  if (code === 'CERT_HAS_EXPIRED') {
    if (to !== undefined && to <= now) return { reason: `it has expired on ${utc(to)}`, mend: renewal };
    return { reason: 'the certificate of its authority has expired', mend: renewal };
  }
  if (from !== undefined && from > now) return { reason: `it is not valid before ${utc(from)}`, mend: `${here}.` };
  return { reason: 'the certificate of its authority is not valid yet', mend: `${here}.` };
}

/** To the minute, in the same time as everywhere. */
function utc(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function wrongName({ certificate }: RefusedCertificate): Fault {
  const names = (certificate?.subjectAltName ?? '').replaceAll('DNS:', '');
  return asked(names === '' ? 'it names no domain' : `it is for ${names.slice(0, 200)}`);
}
