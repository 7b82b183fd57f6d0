// What all connections of one gateway share.

import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { Crypto } from '../../shared/crypto/provider.ts';
import { SimppError } from '../../shared/errors.ts';
import type { Log } from '../log.ts';
import { createAcceptor, type Acceptor } from './acceptor.ts';
import type { Registrar } from './admission.ts';
import { Counters } from './counters.ts';
import { CryptoQueue } from './crypto-queue.ts';
import type { DirectoryStore } from './directory/directory.ts';
import { directoryLookUps, type LookUps } from './look-ups.ts';
import type { GatewayDependencies, GatewayOptions } from './options.ts';
import type { PipeTiming } from './pipe.ts';
import { defaultThrottle, Throttle, type ThrottleLimits } from './throttle.ts';

/** Limits in time, in milliseconds. */
export interface GatewayTiming extends PipeTiming {
  /** From the TCP connection to the end of a handshake (docs/protocol.md §4). */
  readonly establishMs: number;
  /** For reaching the XMPP server. */
  readonly connectMs: number;
  /** For last words to arrive. */
  readonly lingerMs: number;
}

export const defaultTiming: GatewayTiming = {
  establishMs: 10_000,
  connectMs: 10_000,
  lingerMs: 2000,
  loginMs: 60_000,
  registrationMs: 300_000,
  closeMs: 5000,
};

/** What a gateway works with; all but the first three have defaults. */
export interface EngineDependencies extends GatewayDependencies {
  /** Opened at `databaseFile`, and closed with the gateway, when absent. */
  readonly directory?: DirectoryStore;
  /** Seconds since 1970. */
  readonly now?: () => number;
  readonly timing?: Partial<GatewayTiming>;
  readonly throttle?: Partial<ThrottleLimits>;
}

/** How clients are served that know nothing of SIMPP (transparency.md §4). */
export type PlainService =
  /** Joined to the server, which does STARTTLS itself. */
  | 'splice'
  /** Joined to the server's port for TLS from the first byte, after our own `<proceed/>`. */
  | 'splice-direct'
  /** TLS ends here. */
  | 'terminate'
  | 'refuse';

/** One gateway's shared parts. */
export interface Engine {
  readonly options: GatewayOptions;
  readonly crypto: Crypto;
  readonly log: Log;
  readonly acceptor: Acceptor;
  readonly registrar: Registrar;
  readonly lookUps: LookUps;
  readonly queue: CryptoQueue;
  readonly throttle: Throttle;
  readonly counters: Counters;
  readonly timing: GatewayTiming;
  readonly plainService: PlainService;
  /** The gateway's own certificate. */
  readonly tls: SecureContext | undefined;
}

/** Handshakes that may wait for their arithmetic: a second's work of one core. */
const maxWaitingHandshakes = 512;

/** Makes the shared parts; throws SimppError('config-invalid') when the options do not fit. */
export function createEngine(options: GatewayOptions, deps: EngineDependencies, directory: DirectoryStore): Engine {
  const { crypto, key, log } = deps;
  if (key.profile !== options.profile) {
    throw new SimppError('config-invalid', `The gateway's key is of profile ${key.profile}, not ${options.profile}.`);
  }
  const now = deps.now ?? ((): number => Math.floor(Date.now() / 1000));
  const registrar: Registrar = { directory, now };
  return {
    options,
    crypto,
    log,
    acceptor: createAcceptor({ crypto, key, allowGuests: options.guest === 'allow', now }),
    registrar,
    lookUps: directoryLookUps(registrar),
    queue: new CryptoQueue(maxWaitingHandshakes),
    throttle: new Throttle(
      { ...defaultThrottle, ...deps.throttle },
      () => performance.now(),
      options.limits.maxConnections,
    ),
    counters: new Counters(),
    timing: { ...defaultTiming, ...deps.timing },
    plainService: plainService(options),
    tls: options.tls === undefined ? undefined : readCertificate(options.tls),
  };
}

function plainService({ plainClients, server, tls }: GatewayOptions): PlainService {
  if (plainClients === 'refuse') return 'refuse';
  switch (server.tls) {
    case 'starttls':
      return 'splice';
    case 'direct':
      return 'splice-direct';
    case 'none':
      return tls === undefined ? 'refuse' : 'terminate';
  }
}

function readCertificate({ certFile, keyFile }: NonNullable<GatewayOptions['tls']>): SecureContext {
  try {
    return createSecureContext({ cert: readFileSync(certFile), key: readFileSync(keyFile), minVersion: 'TLSv1.2' });
  } catch (cause) {
    throw new SimppError('config-invalid', `The certificate ${certFile} with the key ${keyFile} cannot be used.`, {
      cause,
    });
  }
}
