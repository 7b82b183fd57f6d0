// A set-up straight to a server: the name, each address that DNS gives, TLS
// with its certificate, then the stream.

import { asSimppError, type SimppError } from '../../shared/errors.ts';
import { setupDomain } from '../address.ts';
import { formatEndpoint } from '../endpoint.ts';
import type { DirectRoute, SetupName } from '../options.ts';
import { connectXmpp } from '../server/connect.ts';
import { resolveServer, type ServerAddress, type SrvLookup } from '../server/resolve.ts';
import { certificateRefused, checkExpiry, type CertificateMends } from './certificate.ts';
import { findings, type Finding } from './finding.ts';
import { checkServerStream } from './server-stream.ts';

const address = findings('address');
const certificate = findings('certificate');
const stepMs = 4000;
const maxAddresses = 4;

export interface DirectRouteOptions {
  readonly setup: SetupName & DirectRoute;
  readonly file: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly signal: AbortSignal;
  readonly lookup?: SrvLookup | undefined;
}

type Place = ServerAddress | (Omit<ServerAddress, 'tls'> & { readonly tls: 'none' });

export async function checkDirectRoute(options: DirectRouteOptions): Promise<Finding[]> {
  const { setup, file, lookup } = options;
  const domain = setupDomain(setup);
  const line = `server = "HOST:PORT"   # in ${file}`;
  let places: readonly Place[];
  try {
    places = setup.server === undefined ? await resolveServer(domain, lookup) : [{ ...setup.server, tls: setup.tls }];
  } catch (error) {
    return [address.problem(asSimppError(error).message, line)];
  }
  const failures: SimppError[] = [];
  for (const place of places.slice(0, maxAddresses)) {
    try {
      return await checkPlace(place, domain, options);
    } catch (error) {
      failures.push(asSimppError(error, 'server-unreachable'));
    }
  }
  // A server that answered wrongly tells more than one that did not answer.
  const worst = failures.find(({ code }) => code !== 'server-unreachable') ?? failures[0]!; // there is always one address
  return [explain(worst, line, mendsOf(options))];
}

async function checkPlace(place: Place, domain: string, options: DirectRouteOptions): Promise<Finding[]> {
  const { setup, file, now, signal } = options;
  const socket = await connectXmpp({ ...place, domain, caFile: setup.caFile, timeoutMs: stepMs, signal });
  return [
    address.ok(`${formatEndpoint(place)} answers${place.tls === 'none' ? ', on this machine without TLS' : ''}.`),
    ...checkExpiry(socket, now, mendsOf(options)),
    ...(await checkServerStream({ stream: socket, farewell: () => undefined }, domain, {
      unknownDomain: `domain = "…"   # or jid; in ${file}`,
      noAnswer: `server = "HOST:PORT"   # in ${file}`,
      noMechanism: `authentication = "internal_hashed"   # Prosody; the administrator of ${domain} can tell`,
    })),
  ];
}

function mendsOf({ setup, file }: DirectRouteOptions): CertificateMends {
  return {
    authority: `server_ca = "/path/to/ca.pem"   # in ${file}`,
    renew: `certbot renew && prosodyctl --root cert import /etc/letsencrypt/live   # by the administrator of ${setupDomain(setup)}`,
  };
}

function explain(error: SimppError, line: string, mends: CertificateMends): Finding {
  switch (error.code) {
    case 'certificate-invalid':
      return certificateRefused(error, mends);
    case 'tls-missing':
      return certificate.problem(error.message, `server_tls = "direct"   # or "starttls"; ${line.split('# ')[1]}`);
    case 'config-invalid':
      return certificate.problem(error.message, mends.authority);
    default:
      return address.problem(error.message, line);
  }
}
