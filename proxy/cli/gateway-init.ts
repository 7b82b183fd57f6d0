// `simpp gateway init`: writes gateway.toml and, the first time, KR_S; prints
// the invite.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { SimppError } from '../../shared/errors.ts';
import type { Crypto } from '../../shared/crypto/provider.ts';
import type { ProfileName } from '../../shared/simpp/profile.ts';
import { normalDomain } from '../address.ts';
import { annotateToml } from '../config/annotate.ts';
import { gatewaySchema, type GatewayFile } from '../config/gateway-schema.ts';
import { limitsTable, logTable } from '../config/form.ts';
import { findHome, makeHome, type Home } from '../config/home.ts';
import { parseConfig, readConfigFile } from '../config/read.ts';
import { writeFileAtomically } from '../config/write.ts';
import { connectSocket } from '../control/connect.ts';
import { controlSocketPath } from '../control/socket-path.ts';
import { detectNodeCrypto } from '../crypto/provider.ts';
import { formatEndpoint, isLoopback, type Endpoint } from '../endpoint.ts';
import { gatewayInvite } from '../gateway/invite.ts';
import {
  createGatewayKey,
  encodeGatewayKey,
  publicGatewayKey,
  readGatewayKey,
  type GatewayKey,
} from '../gateway/key-file.ts';
import type { ServerTls } from '../gateway/options.ts';
import { keyFingerprint } from '../pinned-key.ts';
import { classicWarning } from './advice.ts';
import { HintedError } from './hint.ts';
import { processOutput, type Output } from './output.ts';

/** The command line of `simpp gateway init`. */
export interface GatewayInitFlags {
  readonly domain: readonly string[];
  readonly listen?: readonly Endpoint[];
  readonly server: Endpoint;
  readonly serverTls?: ServerTls;
  readonly serverCa?: string;
  readonly serverProxyProtocol: 'none' | 'v1' | 'v2';
  readonly redirectHost?: readonly string[];
  readonly acceptProxyProtocol?: readonly string[];
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly plainClients: 'splice' | 'refuse';
  readonly guest: 'allow' | 'refuse';
  readonly registration: 'allow' | 'refuse';
  readonly registeredOverTls: 'allow' | 'refuse';
  readonly public?: Endpoint;
  readonly profile: ProfileName;
  readonly force?: boolean;
  readonly json?: boolean;
}

const heading = 'The SIMPP gateway, written by "simpp gateway init". Lines that begin with "# key =" show defaults.';

/** Runs the command. */
export async function initGateway(flags: GatewayInitFlags): Promise<void> {
  const output = processOutput(flags.json === true);
  const home = findHome();
  const crypto = detectNodeCrypto();
  const text = annotateToml(gatewaySchema, { ...toFile(flags), ...keptTables(home) }, heading);
  const config = parseConfig(text, home.gatewayToml, gatewaySchema);
  if (config.profile === 'classic') output.warn(classicWarning);
  makeHome(home);
  const { key, isNew } = keepOrCreateKey(home, crypto, flags, output);
  writeFileAtomically(home.gatewayToml, text);

  const publicKey = publicGatewayKey(key);
  const fingerprint = keyFingerprint(crypto, publicKey);
  const listen = config.listen[0]!; // the schema demands one
  const invite = gatewayInvite({ domains: config.domains, public: config.public, listen }, publicKey);
  output.say(`The gateway for ${config.domains.join(', ')} is set up.`);
  output.say(`  settings     ${home.gatewayToml}`);
  output.say(`  key          ${home.gatewayKey} (${isNew ? 'new' : 'kept'}; back it up, and keep it secret)`);
  output.say(`  server       ${formatEndpoint(config.server)}, TLS: ${config.server_tls}`);
  await warnAboutChoices(home, flags, config.server_tls, invite, output);
  await showInvite(invite, fingerprint, output);
  output.result({ fingerprint, invite });
}

function toFile(flags: GatewayInitFlags): GatewayFile {
  const domains = flags.domain.map((text) => {
    const domain = normalDomain(text);
    if (domain === undefined) throw new SimppError('usage', `--domain: ${JSON.stringify(text)} is not a domain.`);
    return domain;
  });
  if ((flags.tlsCert === undefined) !== (flags.tlsKey === undefined)) {
    throw new SimppError('usage', '--tls-cert and --tls-key belong together.');
  }
  return {
    domains: [...new Set(domains)],
    listen: (flags.listen ?? [{ host: '0.0.0.0', port: 5222 }]).map(formatEndpoint),
    ...(flags.public === undefined ? {} : { public: formatEndpoint(flags.public) }),
    server: formatEndpoint(flags.server),
    // On loopback nobody else listens in; the server may need TLS all the same.
    server_tls: flags.serverTls ?? (isLoopback(flags.server.host) ? 'none' : 'starttls'),
    ...existingFile('server_ca', '--server-ca', flags.serverCa),
    server_proxy_protocol: flags.serverProxyProtocol,
    redirect_hosts: flags.redirectHost === undefined ? [] : [...flags.redirectHost],
    accept_proxy_protocol: flags.acceptProxyProtocol === undefined ? [] : [...flags.acceptProxyProtocol],
    ...existingFile('tls_cert', '--tls-cert', flags.tlsCert),
    ...existingFile('tls_key', '--tls-key', flags.tlsKey),
    plain_clients: flags.plainClients,
    guest: flags.guest,
    registration: flags.registration,
    registered_over_tls: flags.registeredOverTls,
    profile: flags.profile,
  };
}

const keptSchema = z.looseObject({ log: logTable, limits: limitsTable });

/** The tables that no flag sets, when an earlier gateway.toml has changed them. */
function keptTables(home: Home): Pick<GatewayFile, 'log' | 'limits'> {
  const earlier = readConfigFile(home.gatewayToml, keptSchema);
  return earlier === undefined ? {} : { log: earlier.log, limits: earlier.limits };
}

function existingFile<Key extends string>(key: Key, flag: string, file: string | undefined): { [key in Key]?: string } {
  if (file === undefined) return {};
  if (!existsSync(file)) throw new SimppError('usage', `${flag}: there is no file ${file}.`);
  // as: a computed key is typed as any string.
  return { [key]: resolve(file) } as { [key in Key]?: string };
}

/** KR_S: the existing one unless --force asks for another. */
function keepOrCreateKey(
  home: Home,
  crypto: Crypto,
  { profile, force = false }: GatewayInitFlags,
  output: Output,
): { readonly key: GatewayKey; readonly isNew: boolean } {
  const existing = force ? undefined : readGatewayKey(home.gatewayKey, crypto);
  if (existing !== undefined && existing.profile === profile) return { key: existing, isNew: false };
  if (existing !== undefined) {
    throw new HintedError(
      'config-invalid',
      `The key in ${home.gatewayKey} is of the profile "${existing.profile}", not "${profile}".`,
      'Use another SIMPP_HOME, or --force to replace the key, which ends all its invites.',
    );
  }
  if (force && existsSync(home.gatewayKey)) {
    output.warn('The earlier key is gone: everyone needs the new invite.');
  }
  const key = createGatewayKey(crypto, profile);
  writeFileAtomically(home.gatewayKey, encodeGatewayKey(key));
  return { key, isNew: true };
}

/** What the administrator should know about this configuration. */
async function warnAboutChoices(
  home: Home,
  flags: GatewayInitFlags,
  serverTls: ServerTls,
  invite: string,
  output: Output,
): Promise<void> {
  if (serverTls === 'none' && !isLoopback(flags.server.host)) {
    output.warn('The path to the server is not encrypted and not loopback: whoever is on it reads everything.');
  }
  if (serverTls === 'none' && flags.plainClients === 'splice' && flags.tlsCert === undefined) {
    output.warn('Clients without SIMPP are refused, because there is no TLS for them: give --tls-cert and --tls-key.');
  }
  if (/^simpp:\/\/[^/]*:0\//.test(invite)) {
    output.warn('The invite has port 0; "simpp fingerprint --gateway" prints the real one while the gateway runs.');
  }
  const running = await connectSocket(controlSocketPath(home, 'gateway'));
  running?.destroy();
  if (running !== undefined)
    output.warn('A gateway runs in this folder; "simpp gateway reload" takes the new settings.');
}

async function showInvite(invite: string, fingerprint: string, output: Output): Promise<void> {
  output.say(`\nInvite for the users, to be handed out on a path that they trust:\n\n  ${invite}\n`);
  if (!output.json && process.stdout.isTTY) {
    const { toString } = await import('qrcode');
    output.say(await toString(invite, { type: 'terminal', small: true, errorCorrectionLevel: 'L' }));
  }
  output.say(`Fingerprint of its key, to compare:\n\n  ${fingerprint}\n`);
  output.say('Start the gateway: simpp gateway run');
}
