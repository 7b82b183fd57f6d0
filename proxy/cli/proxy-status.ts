// The engine's numbers beside what the set-ups say, as `simpp status` shows it.

import type { SetupFile } from '../config/accounts.ts';
import type { SetupStatus } from '../control/methods.ts';
import { formatEndpoint } from '../endpoint.ts';
import type { InvitedKey } from '../invite.ts';
import { setupName, type ProxyStatus, type Setup } from '../options.ts';

/** One set-up's line in the status. */
export function setupStatus(
  setup: Setup,
  numbers: ProxyStatus['setups'],
  fingerprint: (key: InvitedKey) => string,
): SetupStatus {
  const name = setupName(setup);
  const { connections = 0, since, counters = {} } = numbers[name] ?? {};
  const common = {
    name,
    kind: setup.kind,
    connections,
    ...(since === undefined ? {} : { since: new Date(since).toISOString() }),
    counters: { ...counters },
  };
  if (setup.mode === 'direct') {
    return { ...common, mode: 'direct', ...(setup.server === undefined ? {} : { via: formatEndpoint(setup.server) }) };
  }
  const { gateway, profile } = setup;
  return {
    ...common,
    mode: 'gateway',
    via: formatEndpoint(gateway),
    profile,
    fingerprint: fingerprint({ profile, bytes: gateway.keyBytes }),
  };
}

/** Whether a set-up uses the paper's profile. */
export function isClassic({ setup }: SetupFile): boolean {
  return setup.mode === 'gateway' && setup.profile === 'classic';
}
