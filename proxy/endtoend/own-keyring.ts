// This device's share of the key exchange (docs/protocol.md §9.1): prekeys that
// are replaced every week and erased a month later, and one-time keys. Private
// parts are imported once, and are durable before anybody hears of the public ones.
import type { Crypto, PrivateKey } from '../../shared/crypto/provider.ts';
import type { OwnKeys, OwnPrekey } from '../../shared/simpp/accept-session.ts';
import { prekeyBody } from '../../shared/simpp/end-to-end-messages.ts';
import type { Entropy } from '../../shared/simpp/entropy.ts';
import { signedObject } from '../../shared/simpp/messages.ts';
import { prekeyRenewalSeconds, prekeyStaleSeconds, signOneTimeKey, signPrekey } from '../../shared/simpp/prekey.ts';
import type { AccountIdentity } from '../identity/account-identity.ts';
import type { EndToEndStore } from '../store/endtoend/store.ts';
import type { Reached } from './crash-points.ts';
import type { OwnOneTimeRecord, OwnPrekeyRecord } from './records.ts';

export interface KeyringDeps {
  readonly crypto: Crypto;
  readonly entropy: Entropy;
  readonly store: EndToEndStore;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly reached: Reached;
}

/** A proxy that is started again and again makes no further prekeys for that beyond this number. */
const maxForRuns = 128;

export class OwnKeyring implements OwnKeys {
  readonly #deps: KeyringDeps;
  readonly #imported = new Map<number, OwnPrekey>();
  /** Of this run: an older copy of the whole folder, put back, does not have what the run after it has published (§9.8). */
  #isFresh = false;

  constructor(deps: KeyringDeps) {
    this.#deps = deps;
  }

  prekey(id: number): OwnPrekey | undefined {
    const known = this.#imported.get(id);
    if (known !== undefined) return known;
    const record = this.#deps.store.ownKeys.prekey(id);
    if (record === undefined) return undefined;
    const { p256, mlKem768 } = this.#deps.crypto;
    const prekey: OwnPrekey = {
      secret: p256.privateKey(record.secret),
      decapsulation: mlKem768.decapsulationKey(record.seed),
      body: prekeyBody.decode(signedObject.decode(record.signed).body),
    };
    this.#imported.set(id, prekey);
    return prekey;
  }

  oneTime(id: number): PrivateKey | undefined {
    const record = this.#deps.store.ownKeys.oneTime(id);
    return record && this.#deps.crypto.p256.privateKey(record.secret);
  }

  /** Erases a one-time key with the commit of the session that used it. */
  used(id: number): void {
    this.#deps.store.ownKeys.takeOneTime(id);
  }

  /** The signed prekey to publish; a new one in each run, and when the last is a week old or of another epoch. Put, not yet durable. */
  current(identity: AccountIdentity, epoch: number): Uint8Array {
    const { store, now } = this.#deps;
    const prekeys = store.ownKeys.prekeys();
    const [newest] = prekeys;
    const isDue = newest === undefined || now() - newest.issuedAt >= prekeyRenewalSeconds * 1000;
    const fits = newest !== undefined && this.prekey(newest.id)?.body.epoch === epoch;
    const wantsFresh = !this.#isFresh && prekeys.length < maxForRuns;
    return isDue || !fits || wantsFresh ? this.#rotate(identity, epoch).signed : newest.signed;
  }

  /** When the newest prekey was made, in milliseconds since 1970; 0 while there is none. */
  get newestIssuedAt(): number {
    return this.#deps.store.ownKeys.prekeys()[0]?.issuedAt ?? 0;
  }

  /** How long the present prekey may still be used. */
  get dueInMs(): number {
    const [newest] = this.#deps.store.ownKeys.prekeys();
    if (newest === undefined) return 0;
    return Math.max(0, newest.issuedAt + prekeyRenewalSeconds * 1000 - this.#deps.now());
  }

  /** New one-time keys, signed. Put, not yet durable. */
  fresh(identity: AccountIdentity, count: number): readonly Uint8Array[] {
    const { crypto, entropy, store, now } = this.#deps;
    const records: OwnOneTimeRecord[] = [];
    const signed: Uint8Array[] = [];
    for (let made = 0; made < count; made++) {
      const key = entropy.privateKey(crypto.p256);
      const id = randomId(entropy);
      records.push({ id, secret: key.secret, issuedAt: now() });
      const { jid, deviceId } = identity;
      signed.push(signOneTimeKey(crypto, identity.signing, { jid, deviceId, id, key: key.publicKey.bytes }));
    }
    store.ownKeys.putOneTimes(records);
    return signed;
  }

  /** Forgets what was imported: the store has lost, or dropped, what it was made of. */
  forget(): void {
    this.#imported.clear();
    this.#isFresh = false;
  }

  #rotate(identity: AccountIdentity, epoch: number): OwnPrekeyRecord {
    const { crypto, entropy, store, now, reached } = this.#deps;
    const { jid, deviceId, signing } = identity;
    const y = entropy.privateKey(crypto.p256);
    const decapsulation = entropy.decapsulationKey();
    const signed = signPrekey(crypto, signing, {
      jid,
      deviceId,
      id: randomId(entropy),
      gY: y.publicKey.bytes,
      ek: decapsulation.encapsulationKey.bytes,
      issued: Math.floor(now() / 1000),
      epoch,
    });
    const { id } = prekeyBody.decode(signedObject.decode(signed).body);
    const record = { id, secret: y.secret, seed: decapsulation.seed, signed, issuedAt: now() };
    store.ownKeys.putPrekey(record);
    this.#isFresh = true;
    reached('prekey.rotated-before-commit');
    return record;
  }

  /**
   * Erases private parts 30 days after their replacement (§9.1), and the ids of ended sessions whose C3 can name none of
   * those that are left (§9.2); how many private parts.
   */
  sweep(): number {
    const { store, now } = this.#deps;
    let erased = 0;
    for (const [place, prekey] of store.ownKeys.prekeys().entries()) {
      if (place === 0) continue;
      const replacedBy = prekey.issuedAt + prekeyRenewalSeconds * 1000;
      if (now() - replacedBy < prekeyStaleSeconds * 1000) continue;
      store.ownKeys.removePrekey(prekey.id);
      this.#imported.delete(prekey.id);
      erased++;
    }
    const oldest = store.ownKeys.prekeys().at(-1);
    if (oldest !== undefined) store.sessions.removeEndedBefore(oldest.issuedAt);
    return erased;
  }
}

/** Eight random bytes read as a number in [1, 2^53). */
function randomId(entropy: Entropy): number {
  const bytes = entropy.bytes(8);
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  return Number(view.getBigUint64(0) >> 11n) || 1;
}
