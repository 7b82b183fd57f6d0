// A person's SIMPP identity on this machine (docs/protocol.md §3): the account
// key KR_A, which only signs, and this device's two keys, certified by it and
// named in the device list. Made here, kept sealed in the AccountStore.

import type { Crypto, PrivateKey } from '../../shared/crypto/provider.ts';
import { certificateHash, signCertificate, signDeviceList } from '../../shared/simpp/certificate.ts';
import type { Entropy } from '../../shared/simpp/entropy.ts';
import { scryptAside } from './scrypt-aside.ts';
import type { RecoveryDerivation } from '../../shared/simpp/recovery.ts';
import type { AccountStore } from '../store/accounts.ts';

/** What the directory is known to say about this device. */
export type RegistrationState = 'none' | 'registered' | 'pending';

/** An identity with its keys ready for use. */
export interface AccountIdentity {
  /** Bare, prepared: ID_A. */
  readonly jid: string;
  /** KU_A, 65 bytes. */
  readonly kuA: Uint8Array;
  /** KR_A; absent where it was erased, or on a device that another one approved. */
  readonly krA: PrivateKey | undefined;
  readonly deviceId: Uint8Array;
  /** KR_Ds. */
  readonly signing: PrivateKey;
  /** KR_Dd. */
  readonly agreement: PrivateKey;
  readonly certificate: Uint8Array;
  readonly deviceList: Uint8Array;
  readonly listVersion: number;
  readonly stateEpoch: number;
  readonly state: RegistrationState;
}

/** What the sealing store keeps beside the keys: 16 bytes, the recovery phrase. */
export interface NewIdentity {
  readonly identity: AccountIdentity;
  readonly recoveryEntropy: Uint8Array;
}

/**
 * Two years: longer than any machine is away, short enough that a certificate
 * of a forgotten one dies. It is renewed in its last half (renewal.ts).
 */
export const certificateSeconds = 2 * 365 * 24 * 3600;

export interface IdentityDeps {
  readonly crypto: Crypto;
  readonly entropy: Entropy;
  /** Seconds since 1970. */
  readonly now: () => number;
  /** Runs a recovery phrase's scrypt; in the thread pool unless told otherwise. */
  readonly scrypt?: ((derivation: RecoveryDerivation) => Promise<Uint8Array>) | undefined;
}

/** A fresh identity: account key from a fresh recovery phrase, one device, list version 1. */
export async function newIdentity(jid: string, deps: IdentityDeps): Promise<NewIdentity> {
  const { crypto, entropy, now, scrypt = scryptAside } = deps;
  // The word list and its hashes are of use only here: they stay off the start-up path.
  const { accountKeyOfDerived, newRecoveryPhrase, recoveryDerivation } = await import('../../shared/simpp/recovery.ts');
  const { phraseEntropy } = await import('./phrase.ts');
  const phrase = newRecoveryPhrase();
  const krA = accountKeyOfDerived(crypto, await scrypt(recoveryDerivation(phrase, jid)));
  const signing = entropy.privateKey(crypto.p256);
  const agreement = entropy.privateKey(crypto.p256);
  const deviceId = entropy.bytes(16);
  const issued = now();
  const certificate = signCertificate(crypto, krA, {
    jid,
    deviceId,
    kuDs: signing.publicKey.bytes,
    kuDd: agreement.publicKey.bytes,
    notBefore: issued,
    notAfter: issued + certificateSeconds,
  });
  const deviceList = signDeviceList(crypto, krA, {
    jid,
    kuA: krA.publicKey.bytes,
    version: 1,
    issued,
    certificates: [certificateHash(crypto, certificate)],
  });
  const keys = { kuA: krA.publicKey.bytes, krA, deviceId, signing, agreement, certificate, deviceList };
  const identity: AccountIdentity = { jid, ...keys, listVersion: 1, stateEpoch: 1, state: 'none' };
  return { identity, recoveryEntropy: phraseEntropy(phrase) };
}

/** Writes a new identity, all of it or nothing. */
export function saveNewIdentity(store: AccountStore, { identity, recoveryEntropy }: NewIdentity): void {
  saveIdentity(store, identity, recoveryEntropy);
}

/** Writes an identity in place of what was there, all of it or nothing; what it does not have is erased, from the disk too. */
export function saveIdentity(store: AccountStore, identity: AccountIdentity, recoveryEntropy?: Uint8Array): void {
  const { jid, kuA, krA, deviceId, signing, agreement, certificate } = identity;
  store.transaction(() => {
    store.add(jid);
    store.putIdentity(jid, { accountKey: kuA, signingKey: krA?.secret, recoveryEntropy });
    store.putDevice(jid, { deviceId, signingKey: signing.secret, agreementKey: agreement.secret, certificate });
    saveRegistration(store, identity);
  });
}

/** Writes what changes in the life of an identity. */
export function saveRegistration(store: AccountStore, identity: AccountIdentity): void {
  const { jid, state, deviceList, listVersion, stateEpoch } = identity;
  store.putRegistration(jid, { state, deviceList, listVersion, stateEpoch });
}

/** The stored identity, its keys imported; undefined when the account has none. */
export function loadIdentity(store: AccountStore, crypto: Crypto, jid: string): AccountIdentity | undefined {
  const account = store.identity(jid);
  const device = store.device(jid);
  const registration = store.registration(jid);
  if (account === undefined || device === undefined || registration === undefined) return undefined;
  return {
    jid,
    kuA: account.accountKey,
    krA: account.signingKey && crypto.p256.privateKey(account.signingKey),
    deviceId: device.deviceId,
    signing: crypto.p256.privateKey(device.signingKey),
    agreement: crypto.p256.privateKey(device.agreementKey),
    certificate: device.certificate,
    ...registration,
  };
}
