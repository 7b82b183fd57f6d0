// Carries a set-up plan out: the password into the keystore's database, the
// files, then the running proxy is told.

import { existsSync } from 'node:fs';
import { equalBytes } from '../../shared/bytes.ts';
import { accountSchema } from '../config/account-schema.ts';
import { setupFile, writeSetup } from '../config/accounts.ts';
import { annotateToml } from '../config/annotate.ts';
import { setTomlKey } from '../config/edit.ts';
import { makeHome, type Home } from '../config/home.ts';
import { proxySchema, type ProxyConfig, type ProxyFile } from '../config/proxy-schema.ts';
import { parseConfig, readConfigFile, readText } from '../config/read.ts';
import { writeFileAtomically } from '../config/write.ts';
import { connectControl, type ControlClient } from '../control/client.ts';
import { putPassword, reload, status } from '../control/methods.ts';
import { controlSocketPath } from '../control/socket-path.ts';
import { formatEndpoint } from '../endpoint.ts';
import { formatListenAddress } from '../listen-address.ts';
import type { KeystorePlan } from './keystore-choice.ts';
import { accountFileOf, type ListenPlan, type SetupPlan } from './setup-plan.ts';

/** What was done. */
export interface SetupResult {
  readonly file: string;
  /** Whether there was a set-up of the same name before. */
  readonly replaced: boolean;
  /** Where clients connect: the running proxy's real addresses, else as configured. */
  readonly listen: readonly string[];
  /** Whether a running proxy has taken it. */
  readonly reloaded: boolean;
  /** What a running proxy could not take without a restart. */
  readonly notes: readonly string[];
}

/** Carries out a plan. */
export async function applySetup(home: Home, plan: SetupPlan): Promise<SetupResult> {
  makeHome(home);
  const proxy = await connectControl(controlSocketPath(home, 'proxy'));
  try {
    if (plan.name.kind === 'jid' && plan.password !== undefined) {
      await storePassword(home, proxy, plan.name.jid, plan.password, plan.keystore);
    } else if (plan.keystore !== undefined && proxy === undefined) {
      const { openAccounts } = await import('./open-accounts.ts');
      (await openAccounts(home, plan.keystore)).close();
    }
    const file = setupFile(home.accountsDir, plan.name);
    const replaced = existsSync(file);
    const pinNotes = notesOnPin(file, plan);
    // A proxy.toml with an error stops before the set-up is written.
    const config = writeProxyToml(home.proxyToml, plan);
    writeSetup(file, accountFileOf(plan));
    if (proxy === undefined) {
      return { file, replaced, listen: config.listen.map(formatListenAddress), reloaded: false, notes: pinNotes };
    }
    const { notes } = await proxy.call(reload, {});
    const { listen } = await proxy.call(status, {});
    return { file, replaced, listen, reloaded: true, notes: [...pinNotes, ...notes] };
  } finally {
    proxy?.close();
  }
}

/** A gateway's key rarely changes; who replaces it should know that it did. */
function notesOnPin(file: string, { route }: SetupPlan): string[] {
  const before = pinnedKey(file);
  if (before === undefined || route.mode !== 'gateway' || equalBytes(before, route.key.bytes)) return [];
  return [
    "The gateway's key is not the one that was pinned before; compare its fingerprint with your administrator's.",
  ];
}

/** The key in a set-up's file; a file that cannot be read is replaced all the same. */
function pinnedKey(file: string): Uint8Array | undefined {
  try {
    return readConfigFile(file, accountSchema)?.key?.bytes;
  } catch {
    return undefined;
  }
}

/** A running proxy owns the database: it stores the password itself. */
export async function storePassword(
  home: Home,
  proxy: ControlClient | undefined,
  jid: string,
  password: string,
  keystore?: KeystorePlan,
): Promise<void> {
  if (proxy !== undefined) {
    await proxy.call(putPassword, { jid, password });
    return;
  }
  const { openAccounts } = await import('./open-accounts.ts');
  const accounts = await openAccounts(home, keystore);
  try {
    accounts.transaction(() => {
      accounts.add(jid);
      accounts.putCredentials(jid, { password });
    });
  } finally {
    accounts.close();
  }
}

/** Makes proxy.toml, or changes its listeners when others are asked for. */
function writeProxyToml(file: string, plan: ListenPlan): ProxyConfig {
  const existing = readConfigFile(file, proxySchema);
  const wanted = wantedListeners(plan);
  if (existing !== undefined && Object.keys(wanted).length === 0) return existing;
  const text = readText(file);
  const heading =
    'The SIMPP proxy: the listener that all set-ups share. Lines that begin with "# key =" show defaults.';
  const changed =
    text === undefined
      ? annotateToml(proxySchema, wanted, heading)
      : Object.entries(wanted).reduce((before, [key, value]) => setTomlKey(before, key, value), text);
  // Checked before it is written: two lists may not have the same address.
  const config = parseConfig(changed, file, proxySchema);
  if (changed !== text) writeFileAtomically(file, changed);
  return config;
}

/** The keys of proxy.toml that a plan changes. */
function wantedListeners({ listen, listenStarttls, listenTls }: ListenPlan): Pick<ProxyFile, ListenKey> {
  return {
    ...(listen === undefined ? {} : { listen: listen.map(formatEndpoint) }),
    ...(listenStarttls === undefined ? {} : { listen_starttls: listenStarttls.map(formatEndpoint) }),
    ...(listenTls === undefined ? {} : { listen_tls: listenTls.map(formatEndpoint) }),
  };
}

type ListenKey = 'listen' | 'listen_starttls' | 'listen_tls';
