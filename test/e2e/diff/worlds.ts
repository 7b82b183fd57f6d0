// The world of a suite: one server with the domains of all modes, one gateway,
// and one proxy with all their set-ups.
import { openAccounts } from '../../../proxy/cli/open-accounts.ts';
import { applySetup } from '../../../proxy/cli/setup-apply.ts';
import { accountFileOf, planRoute, type SetupFlags } from '../../../proxy/cli/setup-plan.ts';
import { setupFile, writeSetup } from '../../../proxy/config/accounts.ts';
import { findHome, type Home } from '../../../proxy/config/home.ts';
import { detectNodeCrypto } from '../../../proxy/crypto/provider.ts';
import { newIdentity, saveNewIdentity } from '../../../proxy/identity/account-identity.ts';
import type { SetupName } from '../../../proxy/options.ts';
import type { ProsodyAccount, ProsodyHost } from '../../../proxy/try/prosody-config.ts';
import { Prosody } from '../../../proxy/try/prosody.ts';
import { systemEntropy } from '../../../shared/simpp/entropy.ts';
import { TestAuthority, type Certificate } from '../support/certs.ts';
import { Ejabberd } from '../support/ejabberd.ts';
import { GatewaySide } from '../support/gateway-side.ts';
import { ProxySide } from '../support/proxy-side.ts';
import type { ServerName } from './script.ts';
import type { Mode, ModeSet, Route } from './modes.ts';

export type TestServer = Prosody | Ejabberd;

export interface World extends AsyncDisposable {
  readonly name: ServerName;
  readonly server: TestServer;
  readonly gateway: GatewaySide;
  readonly proxy: ProxySide;
  /** Where the clients of a mode connect. */
  place(mode: Mode): { readonly host: string; readonly port: number };
}

type Modes = ModeSet['modes'];

export async function openWorld(name: ServerName, modes: Modes, accounts: readonly ProsodyAccount[]): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const authority = stack.use(await TestAuthority.create());
  const server = stack.use(await startServer(name, modes, accounts, await authority.issue(modes.flatMap(domainsOf))));
  const gatewayDomains = modes.filter(({ proxied }) => proxied?.route === 'gateway').flatMap(domainsOf);
  const [domain = '', ...more] = gatewayDomains;
  const flags = ['--registration', 'allow', ...more.flatMap((each) => ['--domain', each])];
  const gateway = stack.use(await GatewaySide.start({ domain, server, flags }));
  const proxy = stack.use(await ProxySide.create());
  const direct = { direct: true, server: { host: server.host, port: server.port } };
  await setUp(proxy, modes, accounts, {
    gateway: { invite: gateway.invite },
    starttls: { ...direct, serverTls: 'starttls', serverCa: authority.caFile },
    none: { ...direct, serverTls: 'none' },
  });
  await proxy.run();
  const owned = stack.move();
  return {
    name,
    server,
    gateway,
    proxy,
    place: (mode) => (mode.proxied ? proxy : server),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function domainsOf({ domain, guestDomain }: Mode): string[] {
  return [domain, guestDomain];
}

async function startServer(
  name: ServerName,
  modes: Modes,
  accounts: readonly ProsodyAccount[],
  certificate: Certificate,
): Promise<TestServer> {
  const [{ domain: firstDomain }] = modes;
  const moreHosts: ProsodyHost[] = modes.flatMap(({ domain, guestDomain }) => [
    ...(domain === firstDomain ? [] : [{ domain }]),
    { domain: guestDomain, anonymous: true },
  ]);
  const options = {
    domain: firstDomain,
    moreHosts,
    accounts,
    certificate,
    tls: 'starttls',
    authentication: 'internal_plain',
    registration: true,
    rooms: true,
  } as const;
  return name === 'prosody'
    ? await Prosody.start({ ...options, legacyAuth: 'beside', plainInClear: true })
    : await Ejabberd.start({ ...options, legacyAuth: true });
}

/** All set-ups, as `simpp setup` writes them, but at once: a process for each of hundreds takes too long. */
async function setUp(
  proxy: ProxySide,
  modes: Modes,
  accounts: readonly ProsodyAccount[],
  flags: Readonly<Record<Route, SetupFlags>>,
): Promise<void> {
  const home = findHome({ platform: process.platform, home: proxy.home.path, env: { SIMPP_HOME: proxy.home.path } });
  const plans = modes.flatMap((mode) => {
    if (mode.proxied === undefined) return [];
    const { route, login, endToEnd } = mode.proxied;
    const names: SetupName[] =
      login === 'relayed'
        ? domainsOf(mode).map((domain) => ({ kind: 'domain', domain }))
        : accounts.map(({ name }) => ({ kind: 'jid', jid: `${name}@${mode.domain}` }));
    return names.map((name) => ({ name, route: planRoute(name, flags[route]), endToEnd }));
  });
  const [first] = plans.toSorted((a, b) => (a.name.kind < b.name.kind ? -1 : 1));
  if (first === undefined) throw new Error('no mode is proxied');
  await applySetup(home, { ...first, listen: [{ host: proxy.host, port: proxy.port }] });
  // The contact SIMPP would be one more in each roster; it has tests of its own.
  for (const plan of plans)
    writeSetup(setupFile(home.accountsDir, plan.name), { ...accountFileOf(plan), contact: false });
  await storeAccounts(home, modes, accounts);
}

/** Secrets of the accounts as the proxy keeps them. */
async function storeAccounts(home: Home, modes: Modes, accounts: readonly ProsodyAccount[]): Promise<void> {
  const crypto = detectNodeCrypto();
  // The recovery phrase of an account costs half a second of scrypt, once for a person, but not for hundreds here.
  const scrypt = ({ length }: { readonly length: number }): Promise<Uint8Array> =>
    Promise.resolve(crypto.randomBytes(length));
  const now = (): number => Math.floor(Date.now() / 1000);
  const store = await openAccounts(home);
  try {
    for (const { domain, proxied } of modes) {
      for (const { name, password } of accounts) {
        const jid = `${name}@${domain}`;
        if (proxied?.login === 'ended') {
          store.add(jid);
          store.putCredentials(jid, { password });
        }
        if (proxied?.route !== 'gateway' && proxied?.endToEnd !== 'prefer') continue;
        const entropy = systemEntropy(crypto);
        saveNewIdentity(store, await newIdentity(jid, { crypto, entropy, now, scrypt }));
      }
    }
  } finally {
    store.close();
  }
}
