// What both kinds of inner stream share, that of a channel and that of TLS
// which ends here: reaching the server, the limits, the rules of the observer.

import type { Duplex } from 'node:stream';
import { SimppError } from '../../shared/errors.ts';
import { clientLimits, serverLimits, type StreamPart } from '../../shared/xml/scanner.ts';
import { Leg } from '../leg.ts';
import type { Log } from '../log.ts';
import { errorFields } from '../log-error.ts';
import { connectXmpp } from '../server/connect.ts';
import type { Engine } from './engine.ts';
import { openInner, type InnerOpening } from './inner-opening.ts';
import { freshStreamId } from './outer-stream.ts';
import type { PipeHost } from './pipe.ts';
import type { Addresses } from './proxy-protocol/header.ts';
import type { Route } from './route.ts';

/** One client that speaks XMPP through this gateway. */
export interface InnerClient {
  readonly engine: Engine;
  readonly domain: string;
  /** The client's network address, and the one that it connected to. */
  readonly addresses: Addresses;
  readonly log: Log;
  /** The server has let the client in: it is no newcomer any more. */
  settled(): void;
}

/** The client's leg, within what a client may send. */
export function clientLeg(engine: Engine, stream: Duplex): Leg {
  return new Leg(stream, { ...clientLimits, maxElementBytes: engine.options.limits.maxStanzaBytes });
}

/** A leg to the XMPP server; rejects with SimppError. */
export async function connectServer({ engine, domain }: InnerClient, route: Route): Promise<Leg> {
  const { connectMs: timeoutMs } = engine.timing;
  // The administrator chose this path (transparency.md §3.8 binds the proxy only).
  const stream = await route.connect((server, preamble) =>
    connectXmpp({ ...server, domain, timeoutMs, preamble, plaintextAnywhere: true }),
  );
  return new Leg(stream, serverLimits);
}

/** Opens the inner stream with the client's header, on a leg that `connectServer` gave, where redirections may follow. */
export async function openServer(
  client: InnerClient,
  stream: Duplex,
  server: Leg,
  header: StreamPart,
  route: Route,
): Promise<InnerOpening> {
  const { redirectHosts = [] } = client.engine.options;
  if (redirectHosts.length === 0) return { server, answer: undefined };
  const gone = new AbortController();
  const abort = (): void => gone.abort();
  stream.once('close', abort);
  try {
    return await openInner(server, header, {
      domain: client.domain,
      route,
      connect: () => connectServer(client, route).catch((error: unknown) => unreached(client, error)),
      answerMs: client.engine.timing.connectMs,
      signal: gone.signal,
    });
  } finally {
    stream.off('close', abort);
  }
}

/** Where the server sent us is for the log, not for the client. */
function unreached({ log }: InnerClient, error: unknown): never {
  log.warn('server not reached', errorFields(error));
  throw new SimppError('server-unreachable', 'The XMPP server cannot be reached. Try again later.', { cause: error });
}

/** What a pipe asks of its client whichever way that came; `known` is a JID whose device the handshake has proved. */
export function innerHost(
  client: InnerClient,
  known?: string,
): Pick<PipeHost, 'rules' | 'streamId' | 'loginFailed' | 'loginCleared' | 'removed'> {
  const { engine, domain, addresses, log } = client;
  const attempts = engine.throttle.logins(addresses.source.host);
  // Strangers who fail on purpose must not lock out the owner of an account.
  const counted = (account: string | undefined): string | undefined => (account === known ? undefined : account);
  const refused = (account: string | undefined): false => {
    engine.counters.add('refusedLogins');
    log.info('login refused', { jid: account, code: 'rate-limited' });
    return false;
  };
  return {
    rules: {
      domain,
      allowRegistration: engine.options.allowRegistration === true,
      beginLogin: (account) => attempts.begin(counted(account)) || refused(account),
      nameLogin: (account) => attempts.name(counted(account)) || refused(account),
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
