// The engine's numbers beside what the set-ups say, as `simpp status` shows it.

import type { SetupFile } from '../config/accounts.ts';
import type { SetupStatus } from '../control/methods.ts';
import { formatEndpoint } from '../endpoint.ts';
import type { InvitedKey } from '../invite.ts';
import type { StatusFacts } from '../endtoend/desk.ts';
import { setupName, type ProxyStatus, type RunningProxy, type Setup } from '../options.ts';

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

/** Of a domain, which may have thousands. */
const maxAccounts = 100;

/** What each account with end-to-end encryption says of itself; one whose desk cannot answer says nothing. */
export function endToEndStatus({
  desk,
  endToEndAccounts,
}: Pick<RunningProxy, 'desk' | 'endToEndAccounts'>): StatusFacts[] {
  return endToEndAccounts()
    .slice(0, maxAccounts)
    .flatMap((jid) => {
      try {
        return [desk(jid).status()];
      } catch {
        // A set-up that was removed, or keys that cannot be opened: other parts of the status say so.
        return [];
      }
    });
}

/** Whether a set-up uses the paper's profile. */
export function isClassic({ setup }: SetupFile): boolean {
  return setup.mode === 'gateway' && setup.profile === 'classic';
}
