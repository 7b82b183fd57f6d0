// The XMPP server behind a gateway: there, with the right TLS, answering for
// each domain, told about clients in the form that it expects, and not open to
// those who would go past the gateway.

import type { Duplex } from 'node:stream';
import { asSimppError, type SimppError } from '../../shared/errors.ts';
import { tomlPair } from '../config/annotate.ts';
import { formatEndpoint, isLoopback } from '../endpoint.ts';
import type { GatewayOptions, GatewayServer } from '../gateway/options.ts';
import { writeVersion1 } from '../gateway/proxy-protocol/version-1.ts';
import { writeVersion2 } from '../gateway/proxy-protocol/version-2.ts';
import { connectXmpp } from '../server/connect.ts';
import { certificateRefused, checkExpiry, type CertificateMends } from './certificate.ts';
import { findings, type Finding } from './finding.ts';
import { isEveryAddress, listenersOn, portOwner } from './port-owner.ts';
import { checkServerStream, type StreamMends } from './server-stream.ts';

const address = findings('address');
const certificate = findings('certificate');
const server = findings('server');
const port = findings('server-port');
const stepMs = 3000;

export interface ServerBehindOptions {
  readonly options: GatewayOptions;
  /** gateway.toml. */
  readonly file: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly signal: AbortSignal;
}

type ProxyProtocol = GatewayServer['proxyProtocol'];

/** The way to the server, as it is for one of the domains. */
export async function checkServerBehind(domain: string, behind: ServerBehindOptions): Promise<Finding[]> {
  const { options, file, now } = behind;
  const configured = options.server.proxyProtocol;
  const found = await tryServer(domain, configured, behind);
  if (!found.some(({ check, verdict }) => check === 'server' && verdict === 'problem')) return found;
  // Something listens, but does not answer as a server: perhaps it expects to be told the client's address, or not to be.
  for (const other of ([undefined, 'v1', 'v2'] as const).filter((version) => version !== configured)) {
    const again = await tryServer(domain, other, { ...behind, now });
    if (again.every(({ verdict }) => verdict !== 'problem')) {
      const text =
        other === undefined
          ? `The server does not expect a PROXY protocol header, but gets one.`
          : `The server expects the PROXY protocol, version ${other}.`;
      const mend = tomlPair('server_proxy_protocol', other ?? 'none');
      return [server.problem(text, `${mend}   # in ${file}`)];
    }
  }
  return found;
}

async function tryServer(
  domain: string,
  proxyProtocol: ProxyProtocol,
  { options, file, now, signal }: ServerBehindOptions,
): Promise<Finding[]> {
  const { host, port: serverPort, tls, caFile } = options.server;
  const where = formatEndpoint({ host, port: serverPort });
  const mends: CertificateMends & StreamMends = {
    authority: `server_ca = "/path/to/ca.pem"   # in ${file}`,
    renew: `prosodyctl --root cert import ${domain} /etc/letsencrypt/live   # or the like of your server`,
    unknownDomain: `VirtualHost "${domain}"   # in prosody.cfg.lua; ejabberd.yml: hosts: ["${domain}"]`,
    noAnswer: `${tomlPair('server', where)}   # is it the client port? in ${file}`,
    noMechanism:
      tls === 'none'
        ? 'allow_unencrypted_plain_auth = true   # in prosody.cfg.lua'
        : 'authentication = "internal_hashed"   # in prosody.cfg.lua',
  };
  let socket;
  try {
    const preamble = preambleOf(proxyProtocol, serverPort);
    const timeoutMs = stepMs;
    socket = await connectXmpp({
      host,
      port: serverPort,
      tls,
      domain,
      caFile,
      timeoutMs,
      signal,
      preamble,
      plaintextAnywhere: true,
    });
  } catch (error) {
    return [explain(asSimppError(error, 'server-unreachable'), where, tls, file, mends)];
  }
  return [
    address.ok(`The server at ${where} answers.`),
    ...checkExpiry(socket, now, mends),
    ...(await checkServerStream({ stream: withDeadline(socket, signal), farewell: () => undefined }, domain, mends)),
  ];
}

function explain(
  error: SimppError,
  where: string,
  tls: GatewayServer['tls'],
  file: string,
  mends: CertificateMends,
): Finding {
  switch (error.code) {
    case 'certificate-invalid':
      return certificateRefused(error, mends);
    case 'config-invalid':
      return certificate.problem(error.message, mends.authority);
    case 'tls-missing': {
      const other =
        tls === 'direct' ? 'starttls' : isLoopback(where.slice(0, where.lastIndexOf(':'))) ? 'none' : 'direct';
      return server.problem(error.message, `server_tls = "${other}"   # in ${file}`);
    }
    case 'server-unreachable':
      if (/listens|known|route|answer/.test(error.message)) {
        return address.problem(error.message, 'systemctl start prosody   # or: systemctl start ejabberd');
      }
      return server.problem(error.message, `${tomlPair('server', where)}   # is it the client port? in ${file}`);
    default:
      return server.problem(error.message, `${tomlPair('server', where)}   # is it the client port? in ${file}`);
  }
}

function preambleOf(version: ProxyProtocol, serverPort: number): Uint8Array | undefined {
  const us = { host: '127.0.0.1', port: 1 };
  const addresses = { source: us, destination: { host: '127.0.0.1', port: serverPort } };
  if (version === undefined) return undefined;
  return version === 'v1' ? writeVersion1(addresses) : writeVersion2(addresses);
}

/** A server that waits for something else says nothing for a long time. */
function withDeadline<S extends Duplex>(stream: S, signal: AbortSignal): S {
  const late = AbortSignal.any([signal, AbortSignal.timeout(stepMs)]);
  const end = (): void => void stream.destroy();
  late.addEventListener('abort', end, { once: true });
  stream.once('close', () => late.removeEventListener('abort', end));
  return stream;
}

/** Whether others can go past the gateway, as far as this machine can tell. */
export function checkServerPort({ options }: Pick<ServerBehindOptions, 'options'>): Finding[] {
  const { host, port: serverPort, tls } = options.server;
  if (!isLoopback(host)) {
    if (tls !== 'none') return [];
    return [
      port.warning(
        `${formatEndpoint(options.server)} is another machine and is spoken to in plaintext: whoever is on the way reads everything.`,
        'server_tls = "starttls"   # in gateway.toml',
      ),
    ];
  }
  if (!listenersOn(serverPort).some((listener) => isEveryAddress(listener.address))) {
    return [port.ok(`Port ${serverPort} of the server is open to this machine only.`)];
  }
  const owner = portOwner(serverPort)?.name ?? '';
  const mend = owner.startsWith('beam')
    ? 'ip: "127.0.0.1"   # of that listener, in ejabberd.yml'
    : 'c2s_interfaces = { "127.0.0.1" }   # in prosody.cfg.lua';
  return [
    port.warning(`The server listens on port ${serverPort} of every address: clients can go past the gateway.`, mend),
  ];
}
