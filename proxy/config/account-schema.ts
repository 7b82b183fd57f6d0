// accounts/<JID or domain>.toml: one set-up per file, so that set-ups
// accumulate and each file stays the user's own.

import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { classicCurves } from '../../shared/simpp/classic/messages.ts';
import { isLoopback } from '../endpoint.ts';

import type { Setup, SetupName } from '../options.ts';
import { bareJid, domain, endpoint, filePath, gatewayKey, profile, serverTls } from './form.ts';

const accountFields = z.strictObject({
  jid: bareJid.optional().describe('The account that this set-up is for; its password is in the keystore.'),
  domain: domain.optional().describe('Or: the domain whose accounts all use this set-up, with their own passwords.'),
  mode: z
    .enum(['gateway', 'direct'])
    .describe('"gateway": all of SIMPP through a gateway. "direct": TLS straight to the XMPP server.'),
  gateway: endpoint.optional().describe('Mode "gateway": where the gateway is.'),
  key: gatewayKey
    .optional()
    .describe('Mode "gateway": the gateway\'s public key, from its invite. Nothing else is accepted.'),
  profile: profile
    .optional()
    .describe('Mode "gateway": "simpp-2" (default), or "classic" to reproduce the paper. Classic is broken.'),
  server: endpoint
    .optional()
    .describe('Mode "direct": the XMPP server. Without it: found by the domain\'s SRV records.'),
  server_tls: serverTls
    .optional()
    .describe('Mode "direct": "starttls" (default), "direct", or "none", which only a server on loopback may have.'),
  server_ca: filePath
    .optional()
    .describe('Mode "direct": PEM file with the CA of the server\'s certificate. Without it: the system\'s CAs.'),
  e2e: z
    .enum(['prefer', 'require', 'off'])
    .optional()
    .describe(
      'End-to-end encryption of what people write. "prefer" (default): whenever the contact has keys. "require": never without. "off": none. With the profile "classic" the default is "off", and what it encrypts is broken, for reproduction only.',
    ),
  classic_curve: z
    .enum(classicCurves)
    .optional()
    .describe(
      'Profile "classic": the curve on which two people agree on their key; both must have the same. "P-224" (default), or "secp160r1", which is weaker.',
    ),
  contact: z
    .boolean()
    .optional()
    .describe(
      'Whether the contact SIMPP (simpp.invalid) is in the roster, to ask and decide about encryption. Default: true for an account, false for a domain.',
    ),
});

const keysOfMode = {
  gateway: { needed: ['gateway', 'key'], foreign: ['server', 'server_tls', 'server_ca'] },
  direct: { needed: [], foreign: ['gateway', 'key', 'profile', 'classic_curve'] },
} as const;

/** Schema of a file in accounts/. */
export const accountSchema = accountFields.check(({ value, issues }) => {
  const expect = (key: keyof typeof value, message: string): void => {
    issues.push({ code: 'custom', path: [key], message, input: value[key] });
  };
  if (value.jid === undefined && value.domain === undefined)
    expect('jid', 'an address, or the key "domain" with a domain');
  if (value.jid !== undefined && value.domain !== undefined) expect('domain', 'nothing, because jid is set');
  for (const key of keysOfMode[value.mode].needed) {
    if (value[key] === undefined) expect(key, `a value, because mode is "${value.mode}"`);
  }
  for (const key of keysOfMode[value.mode].foreign) {
    if (value[key] !== undefined) expect(key, `nothing, because mode is "${value.mode}"`);
  }
  if (value.key !== undefined && value.key.profile !== (value.profile ?? 'simpp-2')) {
    expect('key', `a key of the profile "${value.profile ?? 'simpp-2'}"`);
  }
  if (value.mode === 'gateway' && value.profile !== 'classic' && value.classic_curve !== undefined) {
    expect('classic_curve', 'nothing, because profile is not "classic"');
  }
  if (value.contact === true && value.profile === 'classic') {
    expect('contact', 'false, because the profile "classic" has nothing to decide');
  } else if (value.contact === true && value.e2e === 'off') {
    expect('contact', 'false, because nothing is encrypted end to end');
  }
  if (value.server_tls === 'none' && !(value.server !== undefined && isLoopback(value.server.host))) {
    // Never plaintext over a network (transparency.md §3.8).
    expect('server_tls', '"starttls" or "direct", because "none" is for a server on loopback only');
  }
});

/** A file in accounts/ after the check. */
export type AccountConfig = z.output<typeof accountSchema>;

/** A file in accounts/ as it is written. */
export type AccountFile = z.input<typeof accountSchema>;

/** The set-up that a checked file at `file` describes. */
export function toSetup(config: AccountConfig, file: string): Setup {
  const name: SetupName =
    config.jid === undefined ? { kind: 'domain', domain: config.domain! } : { kind: 'jid', jid: config.jid };
  const endToEnd = config.e2e ?? (config.profile === 'classic' ? 'off' : 'prefer');
  const contact = config.contact ?? (name.kind === 'jid' && endToEnd !== 'off' && config.profile !== 'classic');
  const common = { ...name, endToEnd, contact };
  if (config.mode === 'gateway') {
    // The schema demands both keys in this mode.
    const gateway = { ...config.gateway!, keyBytes: config.key!.bytes };
    const curve = config.classic_curve === undefined ? {} : { classicCurve: config.classic_curve };
    return { ...common, mode: 'gateway', gateway, profile: config.profile ?? 'simpp-2', ...curve };
  }
  return {
    ...common,
    mode: 'direct',
    ...(config.server === undefined ? {} : { server: config.server }),
    tls: config.server_tls ?? 'starttls',
    ...(config.server_ca === undefined ? {} : { caFile: resolve(dirname(file), config.server_ca) }),
  };
}
