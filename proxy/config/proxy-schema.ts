// proxy.toml: the listener that all set-ups share.

import { z } from 'zod';
import { limitsTable, logTable, loopbackEndpoint } from './form.ts';

/** Where clients connect unless proxy.toml says otherwise. */
export const defaultProxyListen = '127.0.0.1:5222';

/** Schema of proxy.toml. */
export const proxySchema = z.strictObject({
  listen: z
    .array(loopbackEndpoint)
    .min(1)
    .max(16)
    .prefault([defaultProxyListen])
    .describe(
      'Where XMPP clients connect, on this machine: what they say is plaintext up to here. Port 0 takes a free one.',
    ),
  log: logTable,
  limits: limitsTable,
});

/** proxy.toml after the check. */
export type ProxyConfig = z.output<typeof proxySchema>;

/** proxy.toml as it is written. */
export type ProxyFile = z.input<typeof proxySchema>;
