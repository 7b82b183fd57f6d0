// What both kinds of inner stream share, that of a channel and that of TLS
// which ends here: reaching the server, the limits, the rules of the observer.

import type { Duplex } from 'node:stream';
import { clientLimits, serverLimits } from '../../shared/xml/scanner.ts';
import { Leg } from '../leg.ts';
import type { Log } from '../log.ts';
import { connectXmpp } from '../server/connect.ts';
import type { Engine } from './engine.ts';
import { freshStreamId } from './outer-stream.ts';
import type { PipeHost } from './pipe.ts';

/** One client that speaks XMPP through this gateway. */
export interface InnerClient {
  readonly engine: Engine;
  readonly domain: string;
  /** The client's network address. */
  readonly address: string;
  readonly log: Log;
  /** The server has let the client in: it is no newcomer any more. */
  settled(): void;
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

/** What a pipe asks of its client whichever way that came; `known` is a JID whose device the handshake has proved. */
export function innerHost(
  client: InnerClient,
  known?: string,
): Pick<PipeHost, 'rules' | 'streamId' | 'loginFailed' | 'loginCleared' | 'removed'> {
  const { engine, domain, address, log } = client;
  const attempts = engine.throttle.logins(address);
  // Strangers who fail on purpose must not lock out the owner of an account.
  const counted = (account: string | undefined): string | undefined => (account === known ? undefined : account);
  return {
    rules: {
      domain,
      allowRegistration: engine.options.allowRegistration === true,
      beginLogin: (account) => attempts.begin(counted(account)),
      nameLogin: (account) => attempts.name(counted(account)),
    },
    streamId: () => freshStreamId(engine.crypto),
    loginFailed(account) {
      attempts.fail();
      engine.counters.add('loginFailures');
      log.info('login failed', { jid: account });
    },
    loginCleared: () => attempts.clear(),
    removed: (jid) => forget(client, jid),
  };
}

/** Deletes what the directory knows of an account that its server has deleted (XEP-0077). */
function forget({ engine, log }: InnerClient, jid: string): void {
  const { directory } = engine.registrar;
  Promise.all([directory.remove(jid), directory.removeClassic(jid)]).then(
    () => {
      engine.counters.add('removals');
      log.info('account removed', { jid });
    },
    () => log.error('account not removed', { jid, code: 'storage-failed' }),
  );
}
