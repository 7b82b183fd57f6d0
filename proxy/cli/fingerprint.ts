// `simpp fingerprint`: of the gateways that set-ups have pinned, or of this
// folder's own gateway.

import { SimppError } from '../../shared/errors.ts';
import { parseSetupName } from '../address.ts';
import { readSetups } from '../config/accounts.ts';
import { findHome, type Home } from '../config/home.ts';
import { connectControl } from '../control/client.ts';
import { status } from '../control/methods.ts';
import { controlSocketPath } from '../control/socket-path.ts';
import { detectNodeCrypto } from '../crypto/provider.ts';
import { formatEndpoint } from '../endpoint.ts';
import { gatewayInvite } from '../gateway/invite.ts';
import { publicGatewayKey } from '../gateway/key-file.ts';
import { setupName, type Setup } from '../options.ts';
import { keyFingerprint } from '../pinned-key.ts';
import { readAccountRows } from './account-rows.ts';
import { readGatewayFiles } from './gateway-files.ts';
import { HintedError } from './hint.ts';
import { processOutput, type Output } from './output.ts';

/** The command line of `simpp fingerprint`. */
export interface FingerprintFlags {
  readonly address?: string;
  readonly gateway?: boolean;
  readonly json?: boolean;
}

/** Runs the command. */
export async function showFingerprints(flags: FingerprintFlags): Promise<void> {
  const output = processOutput(flags.json === true);
  const home = findHome();
  if (flags.gateway === true) {
    if (flags.address !== undefined) throw new SimppError('usage', 'Give an address or --gateway, not both.');
    await showGateway(home, output);
  } else {
    await showSetups(home, flags.address, output);
  }
}

async function showGateway(home: Home, output: Output): Promise<void> {
  const { fingerprint, invite, isRunning } = await gatewayIdentity(home);
  output.say(`Fingerprint of this gateway, to compare:\n  ${fingerprint}`);
  output.say(
    `Invite for the users${isRunning ? '' : ' (the gateway does not run: the port is the configured one)'}:\n  ${invite}`,
  );
  output.result({ fingerprint, invite, running: isRunning });
}

/** A running gateway knows its real port. */
async function gatewayIdentity(home: Home): Promise<{ fingerprint: string; invite: string; isRunning: boolean }> {
  const client = await connectControl(controlSocketPath(home, 'gateway'));
  if (client !== undefined) {
    const answer = await client.call(status, {}).finally(() => client.close());
    if (answer.role === 'gateway') return { fingerprint: answer.fingerprint, invite: answer.invite, isRunning: true };
  }
  const crypto = detectNodeCrypto();
  const { config, key } = readGatewayFiles(home, crypto);
  const publicKey = publicGatewayKey(key);
  const listen = config.listen[0]!; // the schema demands one
  return {
    fingerprint: keyFingerprint(crypto, publicKey),
    invite: gatewayInvite({ domains: config.domains, public: config.public, listen }, publicKey),
    isRunning: false,
  };
}

async function showSetups(home: Home, address: string | undefined, output: Output): Promise<void> {
  const wanted = address === undefined ? undefined : setupName(parseSetupName(address));
  const setups = readSetups(home.accountsDir)
    .map(({ setup }) => setup)
    .filter((setup) => wanted === undefined || setupName(setup) === wanted);
  if (setups.length === 0) {
    const what = wanted === undefined ? `No account is set up in ${home.accountsDir}.` : `${wanted} is not set up.`;
    throw new HintedError('config-missing', what, '"simpp setup" sets accounts up; --gateway is for a gateway\'s own.');
  }
  const crypto = detectNodeCrypto();
  const own = new Map((await readAccountRows(home)).map((row) => [row.name, row.fingerprint]));
  const entries = setups.map((setup) => ({
    ...entryOf(setup, (profile, bytes) => keyFingerprint(crypto, { profile, bytes })),
    ...ownPart(own.get(setupName(setup))),
  }));
  for (const { setup, mode, gateway, fingerprint, own: digits } of entries) {
    output.say(`${setup}, ${mode}${gateway === undefined ? '' : ` ${gateway}`}`);
    output.say(`  of the gateway  ${fingerprint ?? 'none, because there is no gateway'}`);
    if (digits !== undefined) output.say(`  yours           ${digits}`);
  }
  if (wanted === undefined) output.result({ setups: entries });
  else output.result({ ...entries[0] });
}

/** A person's own, for contacts to compare; the JSON name says whose, `fingerprint` is the gateway's. */
function ownPart(own: string | undefined): { own?: string } {
  return own === undefined ? {} : { own };
}

interface Entry {
  readonly setup: string;
  readonly mode: Setup['mode'];
  readonly gateway?: string;
  readonly fingerprint?: string;
}

function entryOf(setup: Setup, fingerprint: (profile: 'simpp-2' | 'classic', bytes: Uint8Array) => string): Entry {
  if (setup.mode === 'direct') return { setup: setupName(setup), mode: 'direct' };
  const { gateway, profile } = setup;
  return {
    setup: setupName(setup),
    mode: 'gateway',
    gateway: formatEndpoint(gateway),
    fingerprint: fingerprint(profile, gateway.keyBytes),
  };
}
