// Direct mode: to the set-up's server, or to the first of the domain's SRV
// records that can be reached.

import { asSimppError, type SimppError } from '../../shared/errors.ts';
import { setupDomain } from '../address.ts';
import type { DirectRoute, SetupName } from '../options.ts';
import { connectXmpp } from './connect.ts';
import type { DialDeps, Dialled } from './dial.ts';
import { resolveServer } from './resolve.ts';

export async function dialDirect(setup: SetupName & DirectRoute, deps: DialDeps): Promise<Dialled> {
  const domain = setupDomain(setup);
  // Without a server the records say how TLS begins.
  const addresses =
    setup.server === undefined
      ? await resolveServer(domain, deps.lookup)
      : [{ host: setup.server.host, port: setup.server.port, tls: setup.tls }];
  const { timeoutMs, signal } = deps;
  const failures: SimppError[] = [];
  for (const address of addresses) {
    try {
      const stream = await connectXmpp({ ...address, domain, caFile: setup.caFile, timeoutMs, signal });
      return { stream, encrypted: address.tls !== 'none', farewell: () => undefined };
    } catch (error) {
      failures.push(asSimppError(error, 'server-unreachable'));
      if (signal?.aborted) break;
    }
  }
  // A server that answered wrongly tells more than one that did not answer.
  throw failures.find(({ code }) => code !== 'server-unreachable') ?? failures[0]!;
}
