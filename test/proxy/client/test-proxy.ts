// A real proxy engine for a test, with its own keystore and database in a
// folder that goes with it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemEntropy } from '../../../shared/simpp/entropy.ts';
import { authoritiesPem } from '../../../proxy/ca/published.ts';
import type { PublicAuthority } from '../../../proxy/ca/authority.ts';
import type { Endpoint } from '../../../proxy/endpoint.ts';
import type { ListenAddress } from '../../../proxy/listen-address.ts';
import type { Timing } from '../../../proxy/client/timing.ts';
import { detectNodeCrypto } from '../../../proxy/crypto/provider.ts';
import { newIdentity, saveNewIdentity } from '../../../proxy/identity/account-identity.ts';
import { openKeystore } from '../../../proxy/keystore/keystore.ts';
import { silentLog, type Log } from '../../../proxy/log.ts';
import type { ProxyDependencies, ProxyLimits, RunningProxy, Setup } from '../../../proxy/options.ts';
import { startProxy } from '../../../proxy/proxy.ts';
import { AccountStore } from '../../../proxy/store/accounts.ts';

const crypto = detectNodeCrypto();

export interface TestProxyOptions {
  readonly setups: readonly Setup[];
  /** Stored passwords by JID. */
  readonly passwords?: Readonly<Record<string, string>>;
  /** JIDs whose SIMPP identity is there already: making one costs the time of a recovery phrase's scrypt. */
  readonly identities?: readonly string[];
  readonly timing?: Partial<Timing>;
  readonly limits?: Partial<ProxyLimits>;
  readonly listen?: readonly ListenAddress[];
  readonly listenStarttls?: readonly Endpoint[];
  readonly listenTls?: readonly Endpoint[];
  readonly log?: Log;
  readonly endToEnd?: ProxyDependencies['endToEnd'];
}

export class TestProxy implements AsyncDisposable {
  readonly running: RunningProxy;
  readonly accounts: AccountStore;
  readonly folder: string;
  readonly #authorities: () => readonly PublicAuthority[];

  private constructor(
    running: RunningProxy,
    accounts: AccountStore,
    folder: string,
    authorities: () => readonly PublicAuthority[],
  ) {
    this.running = running;
    this.accounts = accounts;
    this.folder = folder;
    this.#authorities = authorities;
  }

  static async start(options: TestProxyOptions): Promise<TestProxy> {
    const folder = await mkdtemp(join(tmpdir(), 'simpp-proxy-'));
    const accounts = AccountStore.open(join(folder, 'proxy.sqlite'), await openKeystore(folder));
    for (const [jid, password] of Object.entries(options.passwords ?? {})) {
      accounts.add(jid);
      accounts.putCredentials(jid, { password });
    }
    for (const jid of options.identities ?? []) saveNewIdentity(accounts, await quickIdentity(jid));
    let authorities: readonly PublicAuthority[] = [];
    const starting = startProxy(
      {
        listen: options.listen ?? [{ host: '127.0.0.1', port: 0 }],
        listenStarttls: options.listenStarttls ?? [],
        listenTls: options.listenTls ?? [],
        setups: options.setups,
        limits: { maxConnections: 1000, maxStanzaBytes: 256 * 1024, ...options.limits },
      },
      {
        crypto,
        accounts,
        log: options.log ?? silentLog,
        endToEnd: options.endToEnd,
        publishAuthorities: (published) => (authorities = published),
      },
      options.timing,
    );
    const running = await starting.catch(async (error: unknown) => {
      accounts.close();
      await rm(folder, { recursive: true });
      throw error;
    });
    return new TestProxy(running, accounts, folder, () => authorities);
  }

  get address(): string {
    return this.running.listen[0]!;
  }

  /** PEM of the local authorities. */
  get ca(): string {
    return authoritiesPem(this.#authorities());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.running.stop();
    this.accounts.close();
    await rm(this.folder, { recursive: true });
  }
}

function quickIdentity(jid: string): ReturnType<typeof newIdentity> {
  return newIdentity(jid, {
    crypto,
    entropy: systemEntropy(crypto),
    now: () => Math.floor(Date.now() / 1000),
    scrypt: ({ length }) => Promise.resolve(crypto.randomBytes(length)),
  });
}

/** A set-up that leads to a server on loopback without TLS. */
export function directTo(port: number, name: { jid: string } | { domain: string }): Setup {
  const route = { mode: 'direct', tls: 'none', server: { host: '127.0.0.1', port } } as const;
  return 'jid' in name ? { kind: 'jid', ...name, ...route } : { kind: 'domain', ...name, ...route };
}
