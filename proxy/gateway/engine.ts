// What all connections of one gateway share. Its settings can change while it
// runs; who asks the engine gets those of the moment.

import { X509Certificate } from 'node:crypto';
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
import { KeyDirectory } from './key-directory/key-directory.ts';
import { directoryLookUps, type LookUps } from './look-ups.ts';
import type { GatewayDependencies, GatewayOptions } from './options.ts';
import type { PipeTiming } from './pipe.ts';
import { Networks } from './proxy-protocol/networks.ts';
import { defaultThrottle, Throttle, type ThrottleLimits } from './throttle.ts';

/** Limits in time, in milliseconds. */
export interface GatewayTiming extends PipeTiming {
  /** From the TCP connection to the end of a PROXY protocol header, where one must come. */
  readonly proxyHeaderMs: number;
  /** From the TCP connection to the end of a handshake (docs/protocol.md §4). */
  readonly establishMs: number;
  /** For reaching the XMPP server. */
  readonly connectMs: number;
  /** For last words to arrive. */
  readonly lingerMs: number;
}

export const defaultTiming: GatewayTiming = {
  proxyHeaderMs: 3000,
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

/** What follows from the options, and changes with them. */
interface Settings {
  readonly options: GatewayOptions;
  readonly acceptor: Acceptor;
  readonly plainService: PlainService;
  /** The gateway's own certificate. */
  readonly tls: SecureContext | undefined;
  /** From where a PROXY protocol header must come. */
  readonly balancers: Networks;
}

/** One gateway's shared parts. */
export interface Engine extends Settings {
  readonly crypto: Crypto;
  readonly log: Log;
  readonly registrar: Registrar;
  readonly lookUps: LookUps;
  readonly keys: KeyDirectory;
  readonly queue: CryptoQueue;
  readonly throttle: Throttle;
  readonly counters: Counters;
  readonly timing: GatewayTiming;
  /** Takes changed options but for addresses and profile; throws SimppError('config-invalid'), and nothing has changed. */
  reload(options: GatewayOptions): void;
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
  const queue = new CryptoQueue(maxWaitingHandshakes);
  const clockMs = (): number => performance.now();
  const keys = new KeyDirectory({ crypto, directory, queue, now, clockMs, domains: () => settings.options.domains });
  const registrar: Registrar = { directory, now, registered: (jid, isNewList) => keys.registered(jid, isNewList) };
  const acceptorFor = ({ guest }: GatewayOptions): Acceptor =>
    createAcceptor({ crypto, key, allowGuests: guest === 'allow', now });
  const throttle = new Throttle({ ...defaultThrottle, ...deps.throttle }, clockMs);
  throttle.share(options.limits.maxConnections);
  let settings = settingsOf(options, acceptorFor(options));
  return {
    get options() {
      return settings.options;
    },
    get acceptor() {
      return settings.acceptor;
    },
    get plainService() {
      return settings.plainService;
    },
    get tls() {
      return settings.tls;
    },
    get balancers() {
      return settings.balancers;
    },
    crypto,
    log,
    registrar,
    lookUps: directoryLookUps(registrar),
    keys,
    queue,
    throttle,
    counters: new Counters(),
    timing: { ...defaultTiming, ...deps.timing },
    reload(next) {
      // Addresses, profile and database were used once, at the start. An acceptor remembers devices, which is worth keeping.
      const isSame = next.guest === settings.options.guest;
      settings = settingsOf(next, isSame ? settings.acceptor : acceptorFor(next));
      throttle.share(next.limits.maxConnections);
    },
  };
}

function settingsOf(options: GatewayOptions, acceptor: Acceptor): Settings {
  if (options.server.caFile !== undefined) checkAuthority(options.server.caFile);
  return {
    options,
    acceptor,
    plainService: plainService(options),
    tls: options.tls === undefined ? undefined : readCertificate(options.tls),
    balancers: new Networks(options.acceptProxyProtocol ?? []),
  };
}

/** Each connection to the server reads the file for itself; a file that is of no use is better noticed here. */
function checkAuthority(caFile: string): void {
  try {
    // A TLS context would take anything, and then trust nobody.
    void new X509Certificate(readFileSync(caFile));
  } catch (cause) {
    throw new SimppError('config-invalid', `The CA file ${caFile} cannot be used; it must hold PEM certificates.`, {
      cause,
    });
  }
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
