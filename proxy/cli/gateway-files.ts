// What a gateway is made from: gateway.toml and KR_S.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Crypto } from '../../shared/crypto/provider.ts';
import { SimppError } from '../../shared/errors.ts';
import { gatewaySchema, type GatewayConfig } from '../config/gateway-schema.ts';
import type { Home } from '../config/home.ts';
import { readConfigFile } from '../config/read.ts';
import { readGatewayKey, type GatewayKey } from '../gateway/key-file.ts';
import { HintedError } from './hint.ts';

/** Both files after the check. */
export interface GatewayFiles {
  readonly config: GatewayConfig;
  readonly key: GatewayKey;
  /** Changes when a certificate is renewed under its name; undefined without one. */
  readonly certificateDigest: string | undefined;
}

const remedy = 'Begin with "simpp gateway init"; SIMPP_HOME chooses another folder.';

/** Reads both; throws when one is missing or they do not fit each other. */
export function readGatewayFiles(home: Home, crypto: Crypto): GatewayFiles {
  const config = readConfigFile(home.gatewayToml, gatewaySchema);
  if (config === undefined) throw new HintedError('config-missing', `There is no ${home.gatewayToml}.`, remedy);
  const key = readGatewayKey(home.gatewayKey, crypto);
  if (key === undefined) throw new HintedError('config-missing', `There is no ${home.gatewayKey}.`, remedy);
  if (key.profile !== config.profile) {
    throw new SimppError(
      'config-invalid',
      `${home.gatewayToml} has the profile "${config.profile}", the key in ${home.gatewayKey} is of "${key.profile}".`,
    );
  }
  return { config, key, certificateDigest: digestOf(config, home.gatewayToml) };
}

function digestOf({ tls_cert, tls_key, server_ca }: GatewayConfig, file: string): string | undefined {
  const files = [tls_cert, tls_key, server_ca].filter((name) => name !== undefined);
  if (files.length === 0) return undefined;
  const hash = createHash('sha256');
  for (const name of files) {
    try {
      hash.update(readFileSync(resolve(dirname(file), name))).update('\0');
    } catch (cause) {
      throw new SimppError('config-invalid', `The file ${name}, which ${file} names, cannot be read.`, { cause });
    }
  }
  return hash.digest('base64');
}
