// The forms of values that several files share. Each says its own expected
// form when a value is anything else.

import { z } from 'zod';
import { logLevels } from '../log.ts';
import { endpointForm, isLoopback, parseEndpoint, type Endpoint } from '../endpoint.ts';
import { parseInvitedKey } from '../invite.ts';
import { listenForm, parseListenAddress, type ListenAddress } from '../listen-address.ts';
import { normalDomain, normalJid } from '../address.ts';
import { networkForm, parseNetwork, type Network } from '../gateway/proxy-protocol/networks.ts';
import { hostPatternForm, parseHostPattern, type HostPattern } from '../gateway/redirection.ts';

/** Text that `read` understands; anything else is answered with `form`. */
function formed<Value>(form: string, read: (text: string) => Value | undefined) {
  return z.string({ error: form }).transform((text, context): Value => {
    const value = read(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: form });
    return z.NEVER;
  });
}

/** HOST:PORT. */
export const endpoint = formed<Endpoint>(endpointForm, parseEndpoint);

/** HOST:PORT on this machine, or a Unix socket: what clients say there is not encrypted, so it may not leave it. */
export const listenAddress = formed<ListenAddress>(listenForm, parseListenAddress);

/** HOST:PORT on this machine: the proxy serves nobody else. */
export const loopbackEndpoint = formed<Endpoint>('an address of this machine, like 127.0.0.1:5222', (text) => {
  const found = parseEndpoint(text);
  return found !== undefined && isLoopback(found.host) ? found : undefined;
});

/** An XMPP domain, normalised. */
export const domain = formed('a domain, like example.org', normalDomain);

/** A bare JID, normalised. */
export const bareJid = formed('an address, like alice@example.org', normalJid);

/** A network in CIDR notation, or one address. */
export const network = formed<Network>(networkForm, parseNetwork);

/** A host that a server may send its clients to, or all below a name. */
export const hostPattern = formed<HostPattern>(hostPatternForm, parseHostPattern);

/** KU_S in base64url, as an invite carries it. */
export const gatewayKey = formed('a gateway key in base64url, as in its invite', parseInvitedKey);

/** A file, absolute or relative to the file that names it. */
export const filePath = z.string({ error: 'a file name' }).min(1, { error: 'a file name' });

export const profile = z.enum(['simpp-2', 'classic']);
export const serverTls = z.enum(['none', 'starttls', 'direct']);
export const proxyProtocol = z.enum(['none', 'v1', 'v2']);

/** The `[log]` table. */
export const logTable = z
  .strictObject({
    level: z
      .enum(logLevels)
      .prefault('info')
      .describe('How much is logged on stderr: "debug", "info", "warn" or "error".'),
  })
  .prefault({})
  .describe('What is logged. Contents, passwords and keys never are, at no level.');

/** The `[limits]` table. */
export const limitsTable = z
  .strictObject({
    max_connections: z
      .int()
      .min(1)
      .max(1_000_000)
      .prefault(10_000)
      .describe('Connections at the same time; more are refused.'),
    max_stanza_bytes: z
      .int()
      .min(10_000)
      .max(16 * 1024 * 1024)
      .prefault(262_144)
      .describe('Largest stanza in bytes; a larger one ends its stream. RFC 6120 demands at least 10000.'),
  })
  .prefault({})
  .describe('Bounds on what others can make this program hold.');
