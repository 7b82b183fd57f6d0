// gateway.toml: one declaration gives the check, the type and the comments of
// the file that `simpp gateway init` writes. Keys are the flags of `init`.

import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import type { GatewayOptions } from '../gateway/options.ts';
import {
  domain,
  endpoint,
  filePath,
  hostPattern,
  limitsTable,
  logTable,
  network,
  profile,
  proxyProtocol,
  serverTls,
} from './form.ts';

const gatewayFields = z.strictObject({
  domains: z.array(domain).min(1).max(100).describe('The XMPP domains that this gateway serves.'),
  listen: z
    .array(endpoint)
    .min(1)
    .max(16)
    .prefault(['0.0.0.0:5222'])
    .describe('Where clients and proxies connect. Port 0 takes a free one.'),
  public: endpoint
    .optional()
    .describe(
      'The address that invites carry. Without it: the first listen address or, if that is a wildcard, the first domain.',
    ),
  server: endpoint.describe('The XMPP server behind this gateway, best on loopback.'),
  server_tls: serverTls
    .prefault('starttls')
    .describe('How the server is spoken to: "none" (only on a trusted path, like loopback), "starttls" or "direct".'),
  server_ca: filePath
    .optional()
    .describe("PEM file with the CA of the server's certificate. Without it: the system's CAs."),
  server_proxy_protocol: proxyProtocol
    .prefault('none')
    .describe(
      'Tells the server the address of each client, ahead of everything else, by this version of the PROXY protocol: ' +
        '"v1", "v2" or "none". The server must be set to expect it.',
    ),
  redirect_hosts: z
    .array(hostPattern)
    .max(100)
    .prefault([])
    .describe(
      'Hosts that the server may send its clients to before a login (see-other-host), like "xmpp2.example.org:5222" or ' +
        '"*.example.org": the gateway follows by itself. Without one no client is sent anywhere: it is told that the ' +
        'server cannot be reached.',
    ),
  accept_proxy_protocol: z
    .array(network)
    .max(100)
    .prefault([])
    .describe(
      'Networks of load balancers, like "192.0.2.0/24": each connection from there must begin with a header of the ' +
        'PROXY protocol, which says the address of the client. A header from elsewhere ends its connection.',
    ),
  tls_cert: filePath
    .optional()
    .describe('PEM file with a certificate chain for clients without SIMPP, when the server itself has no TLS.'),
  tls_key: filePath.optional().describe('PEM file with the private key of tls_cert.'),
  plain_clients: z
    .enum(['splice', 'refuse'])
    .prefault('splice')
    .describe(
      'Clients that know nothing of SIMPP: "splice" joins them to the server byte for byte, "refuse" sends them away. ' +
        'The TLS of a spliced client is the server\'s, so its login cannot be seen here: "registration", ' +
        '"registered_over_tls" and the limits of failed logins do not reach it, and a stolen password is enough there ' +
        'even for an account with a SIMPP device. Choose "refuse" once everyone has SIMPP.',
    ),
  guest: z
    .enum(['allow', 'refuse'])
    .prefault('allow')
    .describe('Channels that begin before the account is known, which domain set-ups need: "allow" or "refuse".'),
  registration: z
    .enum(['allow', 'refuse'])
    .prefault('refuse')
    .describe(
      'Making accounts through the gateway before a login (XEP-0077): "allow" or "refuse". For spliced clients the ' +
        'server alone decides.',
    ),
  registered_over_tls: z
    .enum(['allow', 'refuse'])
    .prefault('refuse')
    .describe(
      'Logins of an account with a SIMPP device over TLS that ends here, without SIMPP: "allow" or "refuse". It has no ' +
        'say over spliced clients, whose TLS ends at the server.',
    ),
  profile: profile
    .prefault('simpp-2')
    .describe(
      'The protocol: "simpp-2", or "classic" to reproduce the paper. Classic is broken; never protect anything with it.',
    ),
  log: logTable,
  limits: limitsTable,
});

/** Schema of gateway.toml. */
export const gatewaySchema = gatewayFields.check(({ value, issues }) => {
  for (const [key, other] of [
    ['tls_cert', 'tls_key'],
    ['tls_key', 'tls_cert'],
  ] as const) {
    if (value[key] !== undefined && value[other] === undefined) {
      issues.push({ code: 'custom', path: [other], message: `a file name, because ${key} is set`, input: undefined });
    }
  }
});

/** gateway.toml after the check. */
export type GatewayConfig = z.output<typeof gatewaySchema>;

/** gateway.toml as it is written. */
export type GatewayFile = z.input<typeof gatewaySchema>;

/** The engine's options, from gateway.toml at `file`. */
export function gatewayOptions(config: GatewayConfig, file: string, databaseFile: string): GatewayOptions {
  const from = (path: string): string => resolve(dirname(file), path);
  const { tls_cert: cert, tls_key: key, server_ca: ca, server_proxy_protocol: proxyProtocol } = config;
  return {
    domains: config.domains,
    listen: config.listen,
    server: {
      ...config.server,
      tls: config.server_tls,
      ...(ca === undefined ? {} : { caFile: from(ca) }),
      ...(proxyProtocol === 'none' ? {} : { proxyProtocol }),
    },
    redirectHosts: config.redirect_hosts,
    acceptProxyProtocol: config.accept_proxy_protocol,
    ...(cert === undefined || key === undefined ? {} : { tls: { certFile: from(cert), keyFile: from(key) } }),
    plainClients: config.plain_clients,
    guest: config.guest,
    allowRegistration: config.registration === 'allow',
    registeredOverTls: config.registered_over_tls,
    profile: config.profile,
    databaseFile,
    limits: { maxConnections: config.limits.max_connections, maxStanzaBytes: config.limits.max_stanza_bytes },
  };
}
