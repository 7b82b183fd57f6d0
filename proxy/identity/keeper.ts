// The identities of this proxy: made on first use, their private keys imported
// once and kept as handles for as long as the proxy runs.

import type { PrivateKey } from '../../shared/crypto/provider.ts';
import type { AccountStore } from '../store/accounts.ts';
import {
  loadIdentity,
  newIdentity,
  saveIdentity,
  saveNewIdentity,
  saveRegistration,
  type AccountIdentity,
  type IdentityDeps,
  type RegistrationState,
} from './account-identity.ts';
import { PreparedIdentities } from './prepared.ts';
import { renewedIdentity } from './renewal.ts';
import { loadClassicIdentity, newClassicIdentity, saveClassicIdentity, type ClassicIdentity } from './classic.ts';

export interface KeeperDeps extends IdentityDeps {
  readonly store: AccountStore;
}

export class IdentityKeeper {
  readonly #deps: KeeperDeps;
  readonly #identities = new Map<string, AccountIdentity>();
  /** Two clients that log in at once for the first time get one identity. */
  readonly #opening = new Map<string, Promise<AccountIdentity>>();
  readonly #prepared: PreparedIdentities;
  readonly #classic = new Map<string, ClassicIdentity>();
  #installation: PrivateKey | undefined;

  constructor(deps: KeeperDeps) {
    this.#deps = deps;
    this.#prepared = new PreparedIdentities((jid) => newIdentity(jid, deps));
  }

  /** Somebody says to be this account (bare JID, prepared), which will soon need an identity: nothing is stored yet. */
  prepare(jid: string): void {
    try {
      if (!this.#opening.has(jid) && this.#find(jid) === undefined) this.#prepared.prepare(jid);
    } catch {
      // A store that cannot be read is a matter of whoever needs the identity.
    }
  }

  /** The identity of an account (bare JID, prepared), made if there is none yet. */
  async open(jid: string): Promise<AccountIdentity> {
    const kept = this.#find(jid);
    if (kept !== undefined) return this.#renewed(kept);
    let opening = this.#opening.get(jid);
    if (opening === undefined) {
      opening = this.#create(jid).finally(() => this.#opening.delete(jid));
      this.#opening.set(jid, opening);
    }
    return opening;
  }

  /** The identity of an account, if it has one. */
  find(jid: string): AccountIdentity | undefined {
    return this.#find(jid);
  }

  /** Replaces an identity: another list, certificate or account key, with or without KR_A and the phrase. */
  replace(identity: AccountIdentity, recoveryEntropy: Uint8Array | undefined): void {
    saveIdentity(this.#deps.store, identity, recoveryEntropy);
    this.#identities.set(identity.jid, identity);
  }

  /** The recovery phrase's 16 bytes, as long as they are kept. */
  recoveryEntropy(jid: string): Uint8Array | undefined {
    return this.#deps.store.identity(jid)?.recoveryEntropy;
  }

  /** Keeps what the gateway said about this device. */
  record(jid: string, state: RegistrationState): void {
    const identity = this.#find(jid);
    if (identity === undefined || identity.state === state) return;
    const changed = { ...identity, state };
    saveRegistration(this.#deps.store, changed);
    this.#identities.set(jid, changed);
  }

  /** Forgets the handles of an account; what is stored stays. */
  forget(jid: string): void {
    this.#identities.delete(jid);
    this.#classic.delete(jid);
  }

  /** The key of guest channels: one per installation, tied to no account (transparency.md §2). */
  installationKey(): PrivateKey {
    if (this.#installation !== undefined) return this.#installation;
    const { store, crypto, entropy } = this.#deps;
    const stored = store.transportKey();
    const key = stored === undefined ? entropy.privateKey(crypto.p256) : crypto.p256.privateKey(stored);
    if (stored === undefined) store.putTransportKey(key.secret);
    this.#installation = key;
    return key;
  }

  /** The keys of an account in profile classic, made if there are none yet; never those of simpp-2 (§1). */
  openClassic(jid: string): ClassicIdentity {
    const { store, crypto, entropy } = this.#deps;
    let identity = this.#classic.get(jid) ?? loadClassicIdentity(store, crypto, jid);
    if (identity === undefined) {
      identity = newClassicIdentity(jid, crypto, entropy);
      saveClassicIdentity(store, identity);
    }
    this.#classic.set(jid, identity);
    return identity;
  }

  /** Keeps K_A, which shows that the account is registered. */
  recordClassic(jid: string, masterKey: Uint8Array): void {
    const identity = { ...this.openClassic(jid), masterKey };
    saveClassicIdentity(this.#deps.store, identity);
    this.#classic.set(jid, identity);
  }

  #find(jid: string): AccountIdentity | undefined {
    const identity = this.#identities.get(jid) ?? loadIdentity(this.#deps.store, this.#deps.crypto, jid);
    if (identity !== undefined) this.#identities.set(jid, identity);
    return identity;
  }

  #renewed(identity: AccountIdentity): AccountIdentity {
    const { store, crypto, now } = this.#deps;
    const renewed = renewedIdentity(identity, crypto, now());
    if (renewed === undefined) return identity;
    const { jid, deviceId, signing, agreement, certificate } = renewed;
    store.transaction(() => {
      store.putDevice(jid, { deviceId, signingKey: signing.secret, agreementKey: agreement.secret, certificate });
      saveRegistration(store, renewed);
    });
    this.#identities.set(jid, renewed);
    return renewed;
  }

  async #create(jid: string): Promise<AccountIdentity> {
    const made = await this.#prepared.take(jid);
    saveNewIdentity(this.#deps.store, made);
    this.#identities.set(jid, made.identity);
    return made.identity;
  }
}
