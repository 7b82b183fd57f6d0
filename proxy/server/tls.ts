// TLS to an XMPP server: 1.2 or later, SNI and ALPN as XEP-0368 asks, and a
// certificate for the XMPP domain (RFC 6120 §13.7.1), by DNS-ID.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { isIP, type Socket } from 'node:net';
import {
  checkServerIdentity,
  connect,
  createSecureContext,
  getCACertificates,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import { domainToASCII } from 'node:url';
import { SimppError } from '../../shared/errors.ts';
import { formatEndpoint, type Endpoint } from '../endpoint.ts';
import type { ServerTls } from '../gateway/options.ts';
import type { Deadline } from './deadline.ts';
import { systemCode, unreachable } from './unreachable.ts';

const minVersion = 'TLSv1.2';
let systemContext: SecureContext | undefined;

/** What is trusted: the CAs of a PEM file, or Node's and the system's. Throws SimppError('config-invalid') when the file is of no use. */
export async function secureContext(caFile: string | undefined): Promise<SecureContext> {
  if (caFile === undefined) {
    // Some hundred certificates: parsed once per process.
    systemContext ??= createSecureContext({
      ca: [...new Set([...getCACertificates('default'), ...getCACertificates('system')])],
      minVersion,
    });
    return systemContext;
  }
  try {
    return createSecureContext({ ca: await readFile(caFile), minVersion });
  } catch (cause) {
    throw new SimppError('config-invalid', `The CA file ${caFile} cannot be used; it must hold PEM certificates.`, {
      cause,
    });
  }
}

export interface TlsOptions {
  readonly context: SecureContext;
  readonly domain: string;
  /** Where the socket leads, for error texts. */
  readonly endpoint: Endpoint;
  readonly tls: ServerTls;
  readonly deadline: Deadline;
}

/** Runs the TLS handshake; throws SimppError('certificate-invalid') that says what is wrong with the certificate. */
export async function startTls(socket: Socket, options: TlsOptions): Promise<TLSSocket> {
  const { context, domain, endpoint, tls, deadline } = options;
  const name = domainToASCII(domain) || domain;
  const secured = connect({
    socket,
    secureContext: context,
    // RFC 6066 §3: no addresses in SNI.
    ...(isIP(name) === 0 ? { servername: name } : {}),
    ...(tls === 'direct' ? { ALPNProtocols: ['xmpp-client'] } : {}),
    checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
    rejectUnauthorized: true,
  });
  deadline.watch(secured);
  try {
    await once(secured, 'secureConnect');
    return secured;
  } catch (error) {
    secured.destroy();
    throw tlsFailure(endpoint, domain, error);
  }
}

const certificateReasons: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'it has expired, or the clock of this machine is wrong',
  CERT_NOT_YET_VALID: 'it is not valid yet, or the clock of this machine is wrong',
  CERT_REVOKED: 'it was revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'the authority that signed it is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT: 'the authority that signed it is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the authority that signed it is not trusted here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the authority that signed it is not trusted here',
  CERT_SIGNATURE_FAILURE: 'its signature is wrong',
  CERT_UNTRUSTED: 'the authority that signed it is not trusted here',
  INVALID_PURPOSE: 'it is not a certificate for servers',
  INVALID_CA: 'it was signed by a certificate that is no authority',
  PATH_LENGTH_EXCEEDED: 'its chain is longer than its authority allows',
  HOSTNAME_MISMATCH: 'it is for another name',
  // What a server says to an SNI that it does not know (RFC 6066 §3).
  ERR_SSL_TLSV1_UNRECOGNIZED_NAME: 'the server has none for it',
};
const untrusted = /SELF_SIGNED|ISSUER|LEAF_SIGNATURE|UNTRUSTED/;
const ownAuthority =
  ' If the server has an authority of its own, give its certificate with --server-ca; else ask its administrator.';
const administrator = ' Ask the administrator of the server.';

function tlsFailure(endpoint: Endpoint, domain: string, error: unknown): SimppError {
  if (error instanceof SimppError) return error;
  const code = systemCode(error) ?? '';
  const reason = code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? namesOf(error) : certificateReasons[code];
  if (reason !== undefined) {
    const advice = untrusted.test(code) ? ownAuthority : administrator;
    const text = `The certificate of ${formatEndpoint(endpoint)} is not valid for ${domain}: ${reason}.${advice}`;
    return new SimppError('certificate-invalid', text, { cause: error });
  }
  if (code === 'ECONNRESET' || !/SSL|TLS|EPROTO/.test(code)) return unreachable(endpoint, error);
  return new SimppError('tls-missing', `${formatEndpoint(endpoint)} could not begin TLS (${code}).`, { cause: error });
}

/** The names that a certificate is for instead. */
function namesOf(error: unknown): string {
  const certificate = error instanceof Error && 'cert' in error ? error.cert : undefined;
  const names =
    typeof certificate === 'object' && certificate !== null && 'subjectaltname' in certificate
      ? String(certificate.subjectaltname).replaceAll('DNS:', '')
      : '';
  return names === '' ? 'it names no domain' : `it is for ${names.slice(0, 200)}`;
}
