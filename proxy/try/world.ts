// The try-out world: an XMPP server, a gateway before it, a proxy with both
// accounts, all on loopback and gone afterwards. Two taps listen: one where
// people's clients are joined to the proxy, one on the wire to the gateway; a
// third one hears what the server itself is given to read.
import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Crypto } from '../../shared/crypto/provider.ts';
import { SimppError } from '../../shared/errors.ts';
import { fingerprintDigits, personFingerprint } from '../../shared/simpp/fingerprint.ts';
import { detectNodeCrypto } from '../crypto/provider.ts';
import { parseEndpoint, type Endpoint } from '../endpoint.ts';
import { createGatewayKey, publicGatewayKey } from '../gateway/key-file.ts';
import { startGateway } from '../gateway/server.ts';
import { openKeystore } from '../keystore/keystore.ts';
import { silentLog } from '../log.ts';
import type { RunningProxy, Setup } from '../options.ts';
import { keyFingerprint } from '../pinned-key.ts';
import { startProxy } from '../proxy.ts';
import { AccountStore } from '../store/accounts.ts';
import { EndToEndStores } from '../store/endtoend/stores.ts';
import { Prosody } from './prosody.ts';
import type { ProsodyAccount } from './prosody-config.ts';
import { registerAccount } from './registration.ts';
import { WireTap } from './wire-tap.ts';

/** How a world begins. */
export interface WorldOptions {
  /** An XMPP server that runs already; Prosody is started without it. */
  readonly server?: Endpoint;
  readonly domain: string;
  /** Where people's clients connect; a free port when this one is taken. */
  readonly clientPort: number;
}

/** A world that runs until it is disposed of. */
export interface World extends AsyncDisposable {
  readonly domain: string;
  readonly accounts: readonly ProsodyAccount[];
  readonly ports: { readonly server: number; readonly gateway: number; readonly proxy: number };
  readonly gatewayFingerprint: string;
  /** The tap between people's clients and the proxy: what they say, in clear. */
  readonly speech: WireTap;
  /** The tap between proxy and gateway: what passes on the wire. */
  readonly wire: WireTap;
  /** The tap between gateway and server: what the server reads and archives. */
  readonly atServer: WireTap;
  /** Resolves when the keys of an account that has logged in can be found by the other one. */
  published(jid: string): Promise<void>;
  /** Fingerprints of those who have logged in, by JID. */
  fingerprints(): Readonly<Record<string, string>>;
}

const host = '127.0.0.1';
const names = ['alice', 'bob'] as const;
const publishTimeoutMs = 15_000;
const pollMs = 50;
const limits = { maxConnections: 100, maxStanzaBytes: 262_144 };

/** Starts everything; what was started ends again when something fails. */
export async function openWorld(options: WorldOptions): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const home = await mkdtemp(join(tmpdir(), 'simpp-try-'));
  stack.defer(() => rm(home, { recursive: true, force: true }));
  const crypto = detectNodeCrypto();
  const { domain } = options;

  const accounts = names.map((name) => ({ name: accountName(name, options), password: newPassword() }));
  const server = options.server ?? stack.use(await Prosody.start({ domain, accounts }));
  if (options.server !== undefined) {
    for (const account of accounts) await registerAccount(options.server, domain, account);
  }

  const atServer = stack.use(await WireTap.start({ port: server.port }));
  const key = createGatewayKey(crypto, 'simpp-2');
  const gateway = await startGateway(
    {
      domains: [domain],
      listen: [{ host, port: 0 }],
      server: { host, port: atServer.port, tls: 'none' },
      plainClients: 'refuse',
      guest: 'refuse',
      profile: 'simpp-2',
      databaseFile: join(home, 'gateway.db'),
      limits,
    },
    { crypto, key, log: silentLog },
  );
  stack.defer(() => gateway.stop());
  const gatewayPort = portOf(gateway.listen);
  const wire = stack.use(await WireTap.start({ port: gatewayPort }));

  const keystore = await openKeystore(join(home, 'keystore'));
  const store = AccountStore.open(join(home, 'proxy.db'), keystore);
  stack.defer(() => store.close());
  const stores = EndToEndStores.open(join(home, 'endtoend.db'), keystore);
  stack.defer(() => stores.close());
  const publicKey = publicGatewayKey(key);
  const setups = accounts.map(({ name, password }): Setup => {
    const jid = `${name}@${domain}`;
    store.add(jid);
    store.putCredentials(jid, { password });
    const gatewayRoute = { host, port: wire.port, keyBytes: publicKey.bytes };
    const endToEnd = { endToEnd: 'prefer', contact: true } as const;
    return { kind: 'jid', jid, mode: 'gateway', gateway: gatewayRoute, profile: 'simpp-2', ...endToEnd };
  });
  const proxy = await startProxy(
    { listen: [{ host, port: 0 }], setups, limits },
    { crypto, accounts: store, stores, log: silentLog },
  );
  stack.defer(() => proxy.stop());
  const speech = stack.use(await startSpeech(portOf(proxy.listen), options.clientPort));

  const owned = stack.move();
  return {
    domain,
    accounts,
    ports: { server: server.port, gateway: gatewayPort, proxy: speech.port },
    gatewayFingerprint: keyFingerprint(crypto, publicKey),
    speech,
    wire,
    atServer,
    published: (jid) => untilPublished(proxy, jid),
    fingerprints: () => fingerprintsOf(crypto, store, accounts, domain),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Publishing takes a moment longer than a login may wait for it. */
async function untilPublished(proxy: RunningProxy, jid: string): Promise<void> {
  const deadline = performance.now() + publishTimeoutMs;
  while (!proxy.endToEndAccounts().includes(jid) || !proxy.desk(jid).status().isPublished) {
    if (performance.now() > deadline)
      throw new SimppError('too-slow', `The keys of ${jid} were not published in time.`);
    await delay(pollMs);
  }
}

/** On somebody's own server, names that nobody has. */
function accountName(name: string, options: WorldOptions): string {
  return options.server === undefined ? name : `${name}-${randomInt(1e6, 1e7)}`;
}

/** Easy to type, and long enough that it does not occur in ciphertext by chance. */
function newPassword(): string {
  const syllable = (): string => `${'bdfgklmnprstvz'[randomInt(14)]}${'aeiou'[randomInt(5)]}`;
  return Array.from({ length: 4 }, () => syllable() + syllable()).join('-');
}

async function startSpeech(proxyPort: number, wanted: number): Promise<WireTap> {
  try {
    return await WireTap.start({ port: proxyPort }, wanted);
  } catch {
    return WireTap.start({ port: proxyPort });
  }
}

function portOf(listen: readonly string[]): number {
  return parseEndpoint(listen[0] ?? '')!.port; // an engine that started listens somewhere
}

function fingerprintsOf(crypto: Crypto, store: AccountStore, accounts: readonly ProsodyAccount[], domain: string) {
  const entries = accounts.flatMap(({ name }) => {
    const jid = `${name}@${domain}`;
    const identity = store.identity(jid);
    return identity === undefined
      ? []
      : [[jid, fingerprintDigits(personFingerprint(crypto, jid, identity.accountKey))] as const];
  });
  return Object.fromEntries(entries);
}
