// `simpp gateway run`: composes the gateway from its files and runs it.

import { gatewayOptions } from '../config/gateway-schema.ts';
import { findHome } from '../config/home.ts';
import { detectNodeCrypto } from '../crypto/provider.ts';
import { formatEndpoint, parseEndpoint } from '../endpoint.ts';
import { gatewayInvite } from '../gateway/invite.ts';
import { publicGatewayKey } from '../gateway/key-file.ts';
import { startGateway } from '../gateway/server.ts';
import type { LogLevel } from '../log.ts';
import { keyFingerprint } from '../pinned-key.ts';
import { classicWarning } from './advice.ts';
import { readGatewayFiles } from './gateway-files.ts';
import { processOutput } from './output.ts';
import { runRole } from './run-role.ts';

/** The command line of `simpp gateway run`. */
export interface GatewayRunFlags {
  readonly json?: boolean;
  readonly logLevel?: LogLevel;
}

/** Runs the gateway until it is asked to stop. */
export async function runGateway(flags: GatewayRunFlags): Promise<void> {
  const output = processOutput(flags.json === true);
  const home = findHome();
  const crypto = detectNodeCrypto();
  const { config, key } = readGatewayFiles(home, crypto);
  const publicKey = publicGatewayKey(key);
  const fingerprint = keyFingerprint(crypto, publicKey);
  if (config.profile === 'classic') output.warn(classicWarning);
  await runRole({
    role: 'gateway',
    home,
    level: flags.logLevel ?? config.log.level,
    output,
    handlers: [],
    async start(log) {
      const options = gatewayOptions(config, home.gatewayToml, home.gatewayDatabase);
      const running = await startGateway(options, { crypto, key, log });
      const listen = parseEndpoint(running.listen[0] ?? '') ?? options.listen[0]!; // the schema demands one
      const invite = gatewayInvite({ domains: config.domains, public: config.public, listen }, publicKey);
      return {
        listen: running.listen,
        status: (common) => ({
          role: 'gateway',
          ...common,
          listen: [...running.listen],
          domains: [...config.domains],
          server: formatEndpoint(config.server),
          profile: config.profile,
          guest: config.guest,
          plainClients: config.plain_clients,
          fingerprint,
          invite,
          ...running.status(),
        }),
        async reload() {
          const changed = readGatewayFiles(home, crypto);
          if (running.reload === undefined) return ['gateway.toml counts after a restart of the gateway.'];
          await running.reload(gatewayOptions(changed.config, home.gatewayToml, home.gatewayDatabase));
          return [];
        },
        stop: () => running.stop(),
        greeting: [
          `The gateway for ${config.domains.join(', ')} listens on ${running.listen.join(', ')}.`,
          `Invite: ${invite}`,
          'Ctrl-C stops it; "simpp status" and "simpp log" show what it does.',
        ],
      };
    },
  });
}
