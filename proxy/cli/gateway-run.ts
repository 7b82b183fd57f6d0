// `simpp gateway run`: composes the gateway from its files and runs it.

import { notesOnGatewayChange, takenKeys } from '../config/gateway-changes.ts';
import { gatewayOptions } from '../config/gateway-schema.ts';
import { findHome } from '../config/home.ts';
import { resetJid } from '../control/gateway-methods.ts';
import { answer } from '../control/server.ts';
import { detectNodeCrypto } from '../crypto/provider.ts';
import { formatEndpoint, parseEndpoint } from '../endpoint.ts';
import { gatewayInvite } from '../gateway/invite.ts';
import { publicGatewayKey } from '../gateway/key-file.ts';
import type { RunningGateway } from '../gateway/options.ts';
import { startGateway } from '../gateway/server.ts';
import type { LogLevel } from '../log.ts';
import { keyFingerprint } from '../pinned-key.ts';
import { classicWarning } from './advice.ts';
import { readGatewayFiles } from './gateway-files.ts';
import { processOutput } from './output.ts';
import { runRole, type Reloaded } from './run-role.ts';

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
  const started = readGatewayFiles(home, crypto);
  const { key } = started;
  let files = started;
  const publicKey = publicGatewayKey(key);
  const fingerprint = keyFingerprint(crypto, publicKey);
  if (started.config.profile === 'classic') output.warn(classicWarning);
  const { promise: gateway, resolve: setGateway } = Promise.withResolvers<RunningGateway>();
  await runRole({
    role: 'gateway',
    home,
    level: flags.logLevel ?? started.config.log.level,
    output,
    handlers: [answer(resetJid, async ({ jid, choice }) => (await gateway).reset(jid, choice))],
    async start(log, setLevel) {
      const options = gatewayOptions(started.config, home.gatewayToml, home.gatewayDatabase);
      const running = await startGateway(options, { crypto, key, log });
      setGateway(running);
      const listen = parseEndpoint(running.listen[0] ?? '') ?? options.listen[0]!; // the schema demands one
      const invite = (): string => {
        const { domains, public: chosen } = files.config;
        return gatewayInvite({ domains, public: chosen, listen }, publicKey);
      };
      return {
        listen: running.listen,
        status(common) {
          const { domains, server, guest, plain_clients: plainClients } = files.config;
          return {
            role: 'gateway',
            ...common,
            listen: [...running.listen],
            domains: [...domains],
            server: formatEndpoint(server),
            profile: started.config.profile,
            guest,
            plainClients,
            fingerprint,
            invite: invite(),
            ...running.status(),
          };
        },
        async reload(): Promise<Reloaded> {
          const changed = readGatewayFiles(home, crypto);
          running.reload(gatewayOptions(changed.config, home.gatewayToml, home.gatewayDatabase));
          if (flags.logLevel === undefined) setLevel(changed.config.log.level);
          const taken = [...takenKeys(files.config, changed.config)];
          if (changed.certificateDigest !== files.certificateDigest) taken.push('certificate files');
          const notes = [...notesOnGatewayChange(started.config, changed.config)];
          if (keyFingerprint(crypto, publicGatewayKey(changed.key)) !== fingerprint) {
            notes.push('gateway.key has changed; it counts after a restart of the gateway.');
          }
          files = changed;
          return { taken, notes };
        },
        stop: () => running.stop(),
        greeting: [
          `The gateway for ${started.config.domains.join(', ')} listens on ${running.listen.join(', ')}.`,
          `Invite: ${invite()}`,
          'Ctrl-C stops it; "simpp status" and "simpp log" show what it does.',
        ],
      };
    },
  });
}
