// Direct mode: to the set-up's server, or to the first of the domain's SRV
// records that can be reached, and on from there to where it sends us.

import { asSimppError, type SimppError } from '../../shared/errors.ts';
import { setupDomain } from '../address.ts';
import type { Endpoint } from '../endpoint.ts';
import type { ServerTls } from '../gateway/options.ts';
import type { DirectRoute, SetupName } from '../options.ts';
import { connectXmpp } from './connect.ts';
import type { DialDeps, Dialled } from './dial.ts';
import { addressesOf, redirectOf, type Redirect } from './redirect.ts';
import { resolveServer } from './resolve.ts';

interface Address extends Endpoint {
  readonly tls: ServerTls;
}

/** RFC 6120 §3.2.1 sets no number of records; a client has gone long before the seventh. */
const maxAddresses = 6;
/** A place that swallows packets must not use up the time of those behind it. */
const timeoutMsBeforeOthers = 3_000;
const lastTimeoutMs = 10_000;

export async function dialDirect(setup: SetupName & DirectRoute, deps: DialDeps): Promise<Dialled> {
  let { at } = deps;
  for (;;) {
    const found = await connectFirst(await addressesFor(setup, deps, at), setup, deps, at);
    if (found.kind === 'connected') return found.dialled;
    at = found.redirect;
  }
}

async function addressesFor(
  setup: SetupName & DirectRoute,
  { lookup }: DialDeps,
  at: Redirect | undefined,
): Promise<readonly Address[]> {
  if (at !== undefined) return addressesOf(at, lookup);
  // Without a server the records say how TLS begins.
  return setup.server === undefined ? resolveServer(setupDomain(setup), lookup) : [{ ...setup.server, tls: setup.tls }];
}

type Found =
  | { readonly kind: 'connected'; readonly dialled: Dialled }
  /** Before TLS, the server sent us elsewhere. */
  | { readonly kind: 'redirected'; readonly redirect: Redirect };

async function connectFirst(
  addresses: readonly Address[],
  setup: SetupName & DirectRoute,
  { timeoutMs, signal }: DialDeps,
  at: Redirect | undefined,
): Promise<Found> {
  const tried = addresses.slice(0, maxAddresses);
  const failures: SimppError[] = [];
  for (const [index, address] of tried.entries()) {
    const { tls } = address;
    const ownTimeoutMs = index < tried.length - 1 ? timeoutMsBeforeOthers : lastTimeoutMs;
    try {
      const stream = await connectXmpp({
        ...address,
        domain: setupDomain(setup),
        caFile: setup.caFile,
        timeoutMs: timeoutMs ?? ownTimeoutMs,
        signal,
      });
      const redirect = (error: unknown): Redirect | undefined => redirectOf(error, at, tls);
      return { kind: 'connected', dialled: { stream, encrypted: tls !== 'none', farewell: () => undefined, redirect } };
    } catch (error) {
      const redirect = redirectOf(error, at, tls);
      if (redirect !== undefined) return { kind: 'redirected', redirect };
      failures.push(asSimppError(error, 'server-unreachable'));
      if (signal?.aborted) break;
    }
  }
  // A server that answered wrongly tells more than one that did not answer.
  throw failures.find(({ code }) => code !== 'server-unreachable') ?? failures[0]!;
}
