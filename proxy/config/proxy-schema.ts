// proxy.toml: the listeners that all set-ups share.

import { z } from 'zod';
import { formatListenAddress, type ListenAddress } from '../listen-address.ts';
import { limitsTable, listenAddress, logTable, loopbackEndpoint } from './form.ts';

/** Where clients connect unless proxy.toml says otherwise. */
export const defaultProxyListen = '127.0.0.1:5222';

const maxListeners = 16;

const proxyFields = z.strictObject({
  listen: z
    .array(listenAddress)
    .max(maxListeners)
    .prefault([defaultProxyListen])
    .describe(
      'Where XMPP clients connect, on this machine: what they say is plaintext up to here. Port 0 takes a free one; ' +
        'unix:/path is a Unix socket, in a folder that only you can enter.',
    ),
  listen_starttls: z
    .array(loopbackEndpoint)
    .max(maxListeners)
    .prefault([])
    .describe(
      'Where clients connect that refuse plaintext and use STARTTLS, on this machine. They must trust the local ' +
        'authority: "simpp cert".',
    ),
  listen_tls: z
    .array(loopbackEndpoint)
    .max(maxListeners)
    .prefault([])
    .describe('The same for clients that begin with TLS at once ("direct TLS", "legacy SSL").'),
  log: logTable,
  limits: limitsTable,
});

const lists = ['listen', 'listen_starttls', 'listen_tls'] as const;

/** Schema of proxy.toml. */
export const proxySchema = proxyFields.check(({ value, issues }) => {
  const taken = new Map<string, string>();
  for (const list of lists) {
    for (const [index, address] of value[list].entries()) {
      const written = formatListenAddress(address);
      const other = taken.get(written);
      if (other !== undefined) {
        const message = `another address, because ${written} is in "${other}" already`;
        issues.push({ code: 'custom', path: [list, index], message, input: written });
      }
      if (!isFree(address)) taken.set(written, list);
    }
  }
  if (lists.every((list) => value[list].length === 0)) {
    issues.push({ code: 'custom', path: ['listen'], message: 'at least one address', input: value.listen });
  }
});

/** Port 0 is another port each time. */
function isFree(address: ListenAddress): boolean {
  return 'port' in address && address.port === 0;
}

/** proxy.toml after the check. */
export type ProxyConfig = z.output<typeof proxySchema>;

/** proxy.toml as it is written. */
export type ProxyFile = z.input<typeof proxySchema>;
