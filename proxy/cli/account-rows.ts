// The set-ups with what is stored about their accounts, as `simpp accounts`
// shows them: nothing here is a secret.

import { setupDomain } from '../address.ts';
import { readSetups, type SetupFile } from '../config/accounts.ts';
import type { Home } from '../config/home.ts';
import { listAccounts } from '../control/account-methods.ts';
import { connectControl } from '../control/client.ts';
import { controlSocketPath } from '../control/socket-path.ts';
import { detectNodeCrypto } from '../crypto/provider.ts';
import { formatEndpoint } from '../endpoint.ts';
import { setupName, type Setup } from '../options.ts';
import { keyFingerprint } from '../pinned-key.ts';
import type { AccountFacts } from '../store/account-facts.ts';
import { readAccounts } from '../store/read-accounts.ts';

/** What the gateway is known to think of this device; `guest` for everyone of a domain, `direct` without a gateway. */
export type AccountState = 'enrolled' | 'pending' | 'unenrolled' | 'guest' | 'direct' | 'without a set-up';

/** One line of the list. */
export interface AccountRow {
  readonly name: string;
  readonly kind: 'jid' | 'domain';
  readonly state: AccountState;
  /** The domain whose set-up an account used that has none of its own. */
  readonly through?: string;
  readonly mode?: 'gateway' | 'direct';
  /** The gateway's or the server's HOST:PORT; absent when it is found by DNS. */
  readonly via?: string;
  readonly profile?: string;
  readonly file?: string;
  readonly gatewayFingerprint?: string;
  readonly hasPassword?: boolean;
  readonly device?: string;
  readonly fingerprint?: string;
  /** ISO 8601. */
  readonly lastLogin?: string;
}

/** All set-ups in order, each domain followed by the accounts that came through it; then what has no set-up. */
export async function readAccountRows(home: Home): Promise<AccountRow[]> {
  const files = readSetups(home.accountsDir);
  const left = new Map((await readFacts(home)).map((facts) => [facts.name, facts]));
  const take = (name: string): AccountFacts | undefined => {
    const facts = left.get(name);
    left.delete(name);
    return facts;
  };
  // Before the domains are asked for theirs.
  const own = new Map(files.map(({ setup }) => [setupName(setup), take(setupName(setup))]));
  const rows = files.flatMap((file) => {
    const name = setupName(file.setup);
    const row = setupRow(file, own.get(name));
    if (file.setup.kind === 'jid') return [row];
    const guests = [...left.keys()].filter((jid) => jid.endsWith(`@${setupDomain(file.setup)}`));
    return [row, ...guests.map((jid) => guestRow(take(jid)!, name, file.setup))]; // take: it is one of the keys
  });
  const orphans = [...left.values()].map((facts): AccountRow => ({
    name: facts.name,
    kind: 'jid',
    ...known(facts),
    state: 'without a set-up',
  }));
  return [...rows, ...orphans];
}

/** A running proxy owns the database. */
async function readFacts(home: Home): Promise<readonly AccountFacts[]> {
  const proxy = await connectControl(controlSocketPath(home, 'proxy'));
  if (proxy === undefined) return readAccounts(home.proxyDatabase, detectNodeCrypto());
  return (await proxy.call(listAccounts, {}).finally(() => proxy.close())).accounts;
}

function setupRow({ setup, file }: SetupFile, facts: AccountFacts | undefined): AccountRow {
  return {
    name: setupName(setup),
    kind: setup.kind,
    state: stateOf(setup, facts),
    ...wayOf(setup),
    file,
    ...(setup.kind === 'jid' ? known(facts) : {}),
  };
}

function guestRow(facts: AccountFacts, through: string, setup: Setup): AccountRow {
  const state = setup.mode === 'gateway' ? enrolment(facts) : 'direct';
  return { name: facts.name, kind: 'jid', state, through, ...known(facts) };
}

function wayOf(setup: Setup): Pick<AccountRow, 'mode' | 'via' | 'profile' | 'gatewayFingerprint'> {
  if (setup.mode === 'direct') {
    return { mode: 'direct', ...(setup.server === undefined ? {} : { via: formatEndpoint(setup.server) }) };
  }
  const { gateway, profile } = setup;
  const gatewayFingerprint = keyFingerprint(detectNodeCrypto(), { profile, bytes: gateway.keyBytes });
  return { mode: 'gateway', via: formatEndpoint(gateway), profile, gatewayFingerprint };
}

function stateOf(setup: Setup, facts: AccountFacts | undefined): AccountState {
  if (setup.mode === 'direct') return 'direct';
  return setup.kind === 'domain' ? 'guest' : enrolment(facts);
}

function enrolment(facts: AccountFacts | undefined): AccountState {
  if (facts?.state === 'registered') return 'enrolled';
  return facts?.state === 'pending' ? 'pending' : 'unenrolled';
}

function known(
  facts: AccountFacts | undefined,
): Pick<AccountRow, 'hasPassword' | 'device' | 'fingerprint' | 'lastLogin'> {
  const { hasPassword = false, device, fingerprint, lastLogin } = facts ?? {};
  return {
    hasPassword,
    ...(device === undefined ? {} : { device }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(lastLogin === undefined ? {} : { lastLogin: new Date(lastLogin * 1000).toISOString() }),
  };
}
