// What both kinds of inner stream share, that of a channel and that of TLS
// which ends here: reaching the server, the limits, the rules of the observer.

import type { Duplex } from 'node:stream';
import { clientLimits, serverLimits } from '../../shared/xml/scanner.ts';
import { Leg } from '../leg.ts';
import type { Log } from '../log.ts';
import { connectXmpp } from '../server/connect.ts';
import type { Engine } from './engine.ts';
import type { ObserverRules } from './observer-state.ts';

/** One client that speaks XMPP through this gateway. */
export interface InnerClient {
  readonly engine: Engine;
  readonly domain: string;
  /** The client's network address. */
  readonly address: string;
  readonly log: Log;
}

/** The client's leg, within what a client may send. */
export function clientLeg(engine: Engine, stream: Duplex): Leg {
  return new Leg(stream, { ...clientLimits, maxElementBytes: engine.options.limits.maxStanzaBytes });
}

/** A leg to the XMPP server; rejects with SimppError. */
export async function connectServer({ engine, domain }: InnerClient): Promise<Leg> {
  const { server } = engine.options;
  const { connectMs: timeoutMs } = engine.timing;
  // The administrator chose this path (transparency.md §3.8 binds the proxy only).
  const stream = await connectXmpp({ ...server, domain, timeoutMs, plaintextAnywhere: true });
  return new Leg(stream, serverLimits);
}

/** What the observer goes by; `known` is a JID whose device the handshake has proved. */
export function observerRules({ engine, domain, address }: InnerClient, known?: string): ObserverRules {
  return {
    domain,
    allowRegistration: engine.options.allowRegistration === true,
    // Strangers who fail on purpose must not lock out the owner of an account.
    mayLogIn: (account) => engine.throttle.admitsLogin(address, account === known ? undefined : account),
  };
}

/** Counts a login that the server refused. */
export function countFailure({ engine, address, log }: InnerClient, account: string | undefined): void {
  engine.counters.add('loginFailures');
  engine.throttle.loginFailed(address, account);
  log.info('login failed', { jid: account });
}

/** Deletes what the directory knows of an account that its server has deleted (XEP-0077). */
export function forget({ engine, log }: InnerClient, jid: string): void {
  const { directory } = engine.registrar;
  Promise.all([directory.remove(jid), directory.removeClassic(jid)]).then(
    () => {
      engine.counters.add('removals');
      log.info('account removed', { jid });
    },
    () => log.error('account not removed', { jid, code: 'storage-failed' }),
  );
}
