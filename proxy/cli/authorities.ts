// The local authorities for commands: read from ca.pem, and made when one is
// needed, by the running proxy, which owns the database, or here.

import { SimppError } from '../../shared/errors.ts';
import { setupDomain } from '../address.ts';
import type { PublicAuthority } from '../ca/authority.ts';
import { publishAuthorities, readPublished, suffices } from '../ca/published.ts';
import { readSetups } from '../config/accounts.ts';
import type { Home } from '../config/home.ts';
import { connectControl } from '../control/client.ts';
import { makeAuthority } from '../control/methods.ts';
import { controlSocketPath } from '../control/socket-path.ts';
import { HintedError } from './hint.ts';

const now = (): number => Math.floor(Date.now() / 1000);

/** The domains of the set-ups; throws SimppError('config-missing') when there are none. */
export function setUpDomains(home: Home): readonly string[] {
  const setups = readSetups(home.accountsDir);
  if (setups.length > 0) return setups.map(({ setup }) => setupDomain(setup));
  const what = `No account is set up in ${home.accountsDir}.`;
  // sudo gives root's own folder.
  if (process.env['SUDO_USER'] === undefined) throw new SimppError('config-missing', what);
  throw new HintedError('config-missing', what, 'Run it without sudo: it prints the commands that need root.');
}

/** Whether each domain has an authority that lasts. */
export function isComplete(authorities: readonly PublicAuthority[], domains: readonly string[]): boolean {
  return suffices(authorities, domains, now());
}

/** The authorities of the set-ups, made where they are missing. */
export async function ensureAuthorities(home: Home): Promise<readonly PublicAuthority[]> {
  const domains = setUpDomains(home);
  const published = readPublished(home.authorityFile);
  if (isComplete(published, domains)) return published;
  const proxy = await connectControl(controlSocketPath(home, 'proxy'));
  if (proxy === undefined) await makeHere(home, domains);
  else await proxy.call(makeAuthority, {}).finally(() => proxy.close());
  return readPublished(home.authorityFile);
}

async function makeHere(home: Home, domains: readonly string[]): Promise<void> {
  const { LocalCertificates } = await import('../ca/local-certificates.ts');
  const { detectNodeCrypto } = await import('../crypto/provider.ts');
  const { openAccounts } = await import('./open-accounts.ts');
  const accounts = await openAccounts(home);
  try {
    new LocalCertificates({
      store: accounts.authorities,
      now,
      randomBytes: detectNodeCrypto().randomBytes,
      publish: (authorities) => publishAuthorities(home.authorityFile, authorities),
    }).serve(domains);
  } finally {
    accounts.close();
  }
}
