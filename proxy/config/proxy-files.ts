// Everything that a proxy is configured by: proxy.toml and accounts/.

import { SimppError } from '../../shared/errors.ts';
import type { ProxyOptions } from '../options.ts';
import { readSetups, type SetupFile } from './accounts.ts';
import type { Home } from './home.ts';
import { proxySchema, type ProxyConfig } from './proxy-schema.ts';
import { readConfigFile } from './read.ts';

/** The files after the check. */
export interface ProxyFiles {
  readonly config: ProxyConfig;
  readonly setups: readonly SetupFile[];
}

/** Reads all of them; throws ConfigError, or SimppError('config-missing') when nothing is set up, unless that is right for a proxy that runs. */
export function readProxyFiles(home: Home, { mayBeEmpty = false } = {}): ProxyFiles {
  const setups = readSetups(home.accountsDir);
  if (setups.length === 0 && !mayBeEmpty)
    throw new SimppError('config-missing', `No account is set up in ${home.accountsDir}.`);
  return { config: readConfigFile(home.proxyToml, proxySchema) ?? proxySchema.parse({}), setups };
}

/** The engine's options. */
export function proxyOptions({ config, setups }: ProxyFiles): ProxyOptions {
  const { max_connections: maxConnections, max_stanza_bytes: maxStanzaBytes } = config.limits;
  return {
    listen: config.listen,
    listenStarttls: config.listen_starttls,
    listenTls: config.listen_tls,
    setups: setups.map(({ setup }) => setup),
    limits: { maxConnections, maxStanzaBytes },
  };
}

/** What a running proxy cannot take without a restart. */
export function notesOnChange(running: ProxyConfig, changed: ProxyConfig): string[] {
  const sections = ['listen', 'listen_starttls', 'listen_tls', 'log', 'limits'] as const;
  return sections
    .filter((section) => JSON.stringify(running[section]) !== JSON.stringify(changed[section]))
    .map((section) => `"${section}" in proxy.toml has changed; it counts after a restart of the proxy.`);
}
