// An account's keys in profile classic (docs/protocol.md §10): KR_A on P-224,
// random and apart from everything of simpp-2. K_A is kept, as the paper has
// it, once the gateway has stored the registration.

import type { Crypto, PrivateKey } from '../../shared/crypto/provider.ts';
import type { Entropy } from '../../shared/simpp/entropy.ts';
import type { AccountStore } from '../store/accounts.ts';

export interface ClassicIdentity {
  readonly jid: string;
  readonly krA: PrivateKey;
  /** K_A; undefined until registered. */
  readonly masterKey: Uint8Array | undefined;
}

export function newClassicIdentity(jid: string, crypto: Crypto, entropy: Entropy): ClassicIdentity {
  return { jid, krA: entropy.privateKey(crypto.p224), masterKey: undefined };
}

export function loadClassicIdentity(store: AccountStore, crypto: Crypto, jid: string): ClassicIdentity | undefined {
  const stored = store.classicIdentity(jid);
  return stored && { jid, krA: crypto.p224.privateKey(stored.privateKey), masterKey: stored.masterKey };
}

export function saveClassicIdentity(store: AccountStore, { jid, krA, masterKey }: ClassicIdentity): void {
  store.transaction(() => {
    store.add(jid);
    store.putClassicIdentity(jid, { privateKey: krA.secret, masterKey });
  });
}
