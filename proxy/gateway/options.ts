// What the gateway's engine is told and what it answers; proxy/config makes
// these values from gateway.toml, proxy/cli/gateway-run.ts hands them over.

import type { Crypto } from '../../shared/crypto/provider.ts';
import type { ProfileName } from '../../shared/simpp/profile.ts';
import type { Endpoint } from '../endpoint.ts';
import type { Log } from '../log.ts';
import type { GatewayKey } from './key-file.ts';
import type { Network } from './proxy-protocol/networks.ts';
import type { HostPattern } from './redirection.ts';
import type { ResetChoice, ResetOutcome } from './reset.ts';

/** How a leg to an XMPP server is protected. */
export type ServerTls = 'none' | 'starttls' | 'direct';

/** The XMPP server that stands behind the gateway. */
export interface GatewayServer extends Endpoint {
  readonly tls: ServerTls;
  /** PEM file with the CA of the server's certificate; the system's CAs when absent. */
  readonly caFile?: string;
  /** Tells the server each client's address by this version of the PROXY protocol; not at all when absent. */
  readonly proxyProtocol?: 'v1' | 'v2';
}

/** Everything that a running gateway needs to know. */
export interface GatewayOptions {
  /** XMPP domains that it serves, normalised. */
  readonly domains: readonly string[];
  /** Where it listens; port 0 takes a free one. */
  readonly listen: readonly Endpoint[];
  readonly server: GatewayServer;
  /** Where the server may send clients to (see-other-host); nowhere when absent. */
  readonly redirectHosts?: readonly HostPattern[];
  /** From where a PROXY protocol header is demanded; from elsewhere it is refused. */
  readonly acceptProxyProtocol?: readonly Network[];
  /** The gateway's own certificate, for clients without SIMPP when the server has no TLS. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  /** Clients that know nothing of SIMPP: joined to the server byte for byte, or refused. */
  readonly plainClients: 'splice' | 'refuse';
  /** Channels that open without an identity (transparency.md §2). */
  readonly guest: 'allow' | 'refuse';
  /** Whether accounts may be made through the gateway before a login (XEP-0077); false when absent. */
  readonly allowRegistration?: boolean;
  /** Whether an account with a SIMPP device may log in over TLS that ends at the gateway; `refuse` when absent. */
  readonly registeredOverTls?: 'allow' | 'refuse';
  readonly profile: ProfileName;
  /** The SQLite file of the directory. */
  readonly databaseFile: string;
  readonly limits: GatewayLimits;
}

/** Bounds on what strangers can make the gateway hold. */
export interface GatewayLimits {
  readonly maxConnections: number;
  readonly maxStanzaBytes: number;
}

/** What a gateway works with. */
export interface GatewayDependencies {
  readonly crypto: Crypto;
  /** KR_S, of the profile in the options. */
  readonly key: GatewayKey;
  readonly log: Log;
}

/** What a running gateway says about itself; numbers only, no contents. */
export interface GatewayStatus {
  readonly connections: { readonly opening: number; readonly simpp: number; readonly spliced: number };
  /** Counters since the start, by name. */
  readonly counters: Readonly<Record<string, number>>;
}

/** A gateway that listens. */
export interface RunningGateway {
  /** The real addresses, `host:port`, in the order of `GatewayOptions.listen`. */
  readonly listen: readonly string[];
  status(): GatewayStatus;
  /**
   * Takes changed options without dropping connections, and certificate files as they are now. Addresses and profile
   * stay as they are. Throws SimppError('config-invalid'), and then nothing has changed.
   */
  reload(options: GatewayOptions): void;
  /** Lets another account key take a JID, or cancels that. */
  reset(jid: string, choice: ResetChoice): Promise<ResetOutcome>;
  /** Ends streams politely and resolves once every socket is closed. */
  stop(): Promise<void>;
}
