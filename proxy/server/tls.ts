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
import { certificateFault } from './certificate-fault.ts';
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
    // Node would refuse by itself, but destroy the socket before the certificate's names and dates can be told.
    rejectUnauthorized: false,
  });
  deadline.watch(secured);
  try {
    await once(secured, 'secureConnect');
    if (!secured.authorized) throw refused(secured, options);
    return secured;
  } catch (error) {
    secured.destroy();
    throw tlsFailure(endpoint, domain, error);
  }
}

/** Why the certificate is refused; Node gives the reason as a code, though its types say Error. */
function refused(secured: TLSSocket, { endpoint, domain }: TlsOptions): SimppError {
  const code = String(secured.authorizationError);
  const certificate = secured.getPeerX509Certificate();
  const fault = certificateFault({ endpoint, domain, code, certificate, now: new Date() });
  const text = `The certificate of ${formatEndpoint(endpoint)} is not valid for ${domain} (${code}).`;
  return fault ?? new SimppError('certificate-invalid', text);
}

function tlsFailure(endpoint: Endpoint, domain: string, error: unknown): SimppError {
  if (error instanceof SimppError) return error;
  const code = systemCode(error) ?? '';
  const fault = certificateFault({ endpoint, domain, code, certificate: undefined, now: new Date() });
  if (fault !== undefined) return fault;
  if (code === 'ECONNRESET' || !/SSL|TLS|EPROTO/.test(code)) return unreachable(endpoint, error);
  return new SimppError('tls-missing', `${formatEndpoint(endpoint)} could not begin TLS (${code}).`, { cause: error });
}
