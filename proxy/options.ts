// What the proxy's engine is told and what it answers; proxy/config makes
// these values from proxy.toml and accounts/*.toml, proxy/cli/proxy.ts hands
// them over.

import type { Crypto } from '../shared/crypto/provider.ts';
import type { ClassicCurve } from '../shared/simpp/classic/conversation.ts';
import type { ProfileName } from '../shared/simpp/profile.ts';
import type { PublicAuthority } from './ca/authority.ts';
import type { EngineStream } from './client/session-context.ts';
import type { Desk } from './endtoend/desk.ts';
import type { Endpoint } from './endpoint.ts';
import type { ServerTls } from './gateway/options.ts';
import type { ListenAddress } from './listen-address.ts';
import type { Log } from './log.ts';
import type { TrialLogin } from './server/trial-login.ts';
import type { RunErrand } from './stages/errand.ts';
import type { AccountStore } from './store/accounts.ts';
import type { EndToEndStores } from './store/endtoend/stores.ts';
import type { Reached } from './endtoend/crash-points.ts';

/** Whom a set-up is for: one account, whose password the proxy holds, or everyone of a domain. */
export type SetupName =
  { readonly kind: 'jid'; readonly jid: string } | { readonly kind: 'domain'; readonly domain: string };

/** Through a SIMPP gateway, with its pinned key and nothing weaker (docs/protocol.md §4). */
export interface GatewayRoute {
  readonly mode: 'gateway';
  readonly gateway: Endpoint & {
    /** KU_S: simpp-2 agreement ‖ signing point (65 + 65 bytes), classic one P-224 point (57 bytes). */
    readonly keyBytes: Uint8Array;
  };
  readonly profile: ProfileName;
  /** Profile classic: the curve of G_x and G_y; P-224 when absent (docs/protocol.md §10.3). */
  readonly classicCurve?: ClassicCurve;
}

/** Straight to an XMPP server, over TLS. */
export interface DirectRoute {
  readonly mode: 'direct';
  /** Skips SRV look-ups. */
  readonly server?: Endpoint;
  /** `none` only with a `server` on loopback (transparency.md §3.8). */
  readonly tls: ServerTls;
  /** PEM file with the CA of the server's certificate; the system's CAs when absent. */
  readonly caFile?: string;
}

/** One set-up; a JID's wins over its domain's. */
export type Setup = SetupName &
  (GatewayRoute | DirectRoute) & {
    /** Whether people's messages are encrypted end to end; absent is `off`. */
    readonly endToEnd?: 'off' | 'prefer' | 'require';
    /** Whether the contact SIMPP is in the roster; absent is no. */
    readonly contact?: boolean;
  };

/** Bounds on what one client can make the proxy hold. */
export interface ProxyLimits {
  readonly maxConnections: number;
  readonly maxStanzaBytes: number;
}

/** Everything that a running proxy needs to know. */
export interface ProxyOptions {
  /** Where clients connect in plaintext; port 0 takes a free one. */
  readonly listen: readonly ListenAddress[];
  /** Where they must begin TLS by STARTTLS. */
  readonly listenStarttls?: readonly Endpoint[];
  /** Where TLS begins with the first byte. */
  readonly listenTls?: readonly Endpoint[];
  readonly setups: readonly Setup[];
  readonly limits: ProxyLimits;
}

/** What a proxy works with. */
export interface ProxyDependencies {
  readonly crypto: Crypto;
  /** Passwords, identities and devices, by the JID or domain of a set-up. */
  readonly accounts: AccountStore;
  readonly log: Log;
  /** The end-to-end engine for a stream of a set-up that wants it; absent where there is none. */
  readonly endToEnd?: ((stream: EngineStream) => RunErrand) | undefined;
  /** What end-to-end encryption keeps; without it no set-up encrypts. */
  readonly stores?: EndToEndStores | undefined;
  /** Told of each moment at which a crash would hurt; only tests do something then. */
  readonly reached?: Reached | undefined;
  /** Takes the local authorities in use whenever they have changed, for whoever shall trust them. */
  readonly publishAuthorities?: (authorities: readonly PublicAuthority[]) => void;
}

/** What a running proxy says about one set-up. */
export interface SetupNumbers {
  readonly connections: number;
  /** When the oldest of them began, in milliseconds since 1970. */
  readonly since?: number;
  /** Counters since the start, by name. */
  readonly counters: Readonly<Record<string, number>>;
}

/** What a running proxy says about itself; numbers only, no contents. */
export interface ProxyStatus {
  readonly connections: { readonly opening: number; readonly open: number };
  /** By the JID or domain of each set-up. */
  readonly setups: Readonly<Record<string, SetupNumbers>>;
  /** Counters since the start, by name. */
  readonly counters: Readonly<Record<string, number>>;
}

/** A proxy that listens. */
export interface RunningProxy {
  /** The real addresses, `host:port` or `unix:/path`, in the order of `ProxyOptions.listen`. */
  readonly listen: readonly string[];
  readonly listenStarttls: readonly string[];
  readonly listenTls: readonly string[];
  status(): ProxyStatus;
  /** Takes the new set-ups for streams that begin from now on. */
  reload(setups: readonly Setup[]): void | Promise<void>;
  /** Makes an authority for the set-ups of the moment, unless there is one, and publishes it. */
  makeAuthority(): void;
  /** The desk of an account's end-to-end encryption; throws SimppError when it has none. */
  desk(jid: string): Desk;
  /** The bare JIDs that have a desk. */
  endToEndAccounts(): readonly string[];
  /** Logs in with the stored password of a JID's set-up, and out again. */
  tryLogin(name: string): Promise<TrialLogin>;
  /** Ends the connections of a set-up and forgets the keys of its account; what is stored stays. */
  forget(name: string): void;
  /** The stored keys of an account were replaced: its connections end, and what is remembered of it is forgotten. */
  restored(jid: string): void;
  /** Writes what is written only now and then. */
  settle(): void;
  /** Ends streams politely and resolves once every socket is closed. */
  stop(): Promise<void>;
}

/** The JID or domain that names a set-up. */
export function setupName(setup: SetupName): string {
  return setup.kind === 'jid' ? setup.jid : setup.domain;
}
