// What the checks work with: the folder that is looked at, and everything
// about this machine that a test may want to be different.

import type { Crypto } from '../../shared/crypto/provider.ts';
import type { Home, Role } from '../config/home.ts';
import type { KeystoreKey } from '../keystore/key.ts';
import type { SrvLookup } from '../server/resolve.ts';
import type { TrialLogin } from '../server/trial-login.ts';
import type { Finding } from './finding.ts';
import type { HostMeta } from './host-meta.ts';
import type { Setup } from '../options.ts';

export interface Patient {
  readonly home: Home;
  readonly crypto: Crypto;
  /** Of this process; undefined where there are none (Windows). */
  readonly uid: number | undefined;
  readonly nodeVersion: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Opens an existing keystore as the proxy would; undefined when its passphrase is not at hand. */
  readonly openKey: () => Promise<KeystoreKey | undefined>;
  /** Logs in with the stored password and the stored keys, while no proxy runs. */
  readonly tryLogin: (setup: Setup & { readonly kind: 'jid' }, signal: AbortSignal) => Promise<TrialLogin>;
  /** Whether a role starts by itself. */
  readonly autostart: (role: Role) => Finding;
  readonly lookup?: SrvLookup;
  readonly hostMeta: (domain: string, signal: AbortSignal) => Promise<HostMeta | undefined>;
}
