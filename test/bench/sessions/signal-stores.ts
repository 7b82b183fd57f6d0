// The stores that libsignal asks of its host: in memory, but for the sessions,
// which may lie in SQLite. A real client has all of them on its disk; here only
// what every message changes is.
import {
  type Direction,
  type IdentityKeyPair,
  IdentityChange,
  IdentityKeyStore,
  type KyberPreKeyRecord,
  KyberPreKeyStore,
  type PreKeyRecord,
  PreKeyStore,
  type PrivateKey,
  type ProtocolAddress,
  type PublicKey,
  type SessionRecord,
  SessionStore,
  type SignedPreKeyRecord,
  SignedPreKeyStore,
} from '@signalapp/libsignal-client';
import { Database } from '../../../proxy/store/sqlite.ts';

const nameOf = (address: ProtocolAddress): string => `${address.name()}.${address.deviceId()}`;

/** Sessions as objects in memory. */
export class MemorySessions extends SessionStore {
  readonly #records = new Map<string, SessionRecord>();

  override async saveSession(address: ProtocolAddress, record: SessionRecord): Promise<void> {
    this.#records.set(nameOf(address), record);
  }

  override async getSession(address: ProtocolAddress): Promise<SessionRecord | null> {
    return this.#records.get(nameOf(address)) ?? null;
  }

  override async getExistingSessions(addresses: ProtocolAddress[]): Promise<SessionRecord[]> {
    return addresses.map((address) => {
      const record = this.#records.get(nameOf(address));
      if (record === undefined) throw new TypeError(`no session with ${nameOf(address)}`);
      return record;
    });
  }
}

/** Sessions in memory that are written through to SQLite, set up as the proxy's own database is. */
export class DurableSessions extends MemorySessions implements Disposable {
  readonly #database: Database;
  #commits = 0;
  #isGrouped = false;

  constructor(path: string) {
    super();
    this.#database = Database.open(path);
    this.#database.script('CREATE TABLE sessions (address TEXT PRIMARY KEY, record BLOB NOT NULL) STRICT');
  }

  get commits(): number {
    return this.#commits;
  }

  override async saveSession(address: ProtocolAddress, record: SessionRecord): Promise<void> {
    await super.saveSession(address, record);
    this.#database.run(
      `INSERT INTO sessions (address, record) VALUES (?, ?)
       ON CONFLICT DO UPDATE SET record = excluded.record`,
      nameOf(address),
      record.serialize(),
    );
    if (!this.#isGrouped) this.#commits++;
  }

  /** What is saved in between is one transaction. */
  async group<T>(work: () => Promise<T>): Promise<T> {
    this.#database.begin();
    this.#isGrouped = true;
    const result = await work();
    this.#isGrouped = false;
    this.#database.commit();
    this.#commits++;
    return result;
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}

export class MemoryIdentities extends IdentityKeyStore {
  readonly #own: IdentityKeyPair;
  readonly #registrationId: number;
  readonly #known = new Map<string, PublicKey>();

  constructor(own: IdentityKeyPair, registrationId: number) {
    super();
    this.#own = own;
    this.#registrationId = registrationId;
  }

  override async getIdentityKey(): Promise<PrivateKey> {
    return this.#own.privateKey;
  }

  override async getIdentityKeyPair(): Promise<IdentityKeyPair> {
    return this.#own;
  }

  override async getLocalRegistrationId(): Promise<number> {
    return this.#registrationId;
  }

  override async saveIdentity(address: ProtocolAddress, key: PublicKey): Promise<IdentityChange> {
    this.#known.set(nameOf(address), key);
    return IdentityChange.NewOrUnchanged;
  }

  override async isTrustedIdentity(address: ProtocolAddress, key: PublicKey, _direction: Direction): Promise<boolean> {
    return this.#known.get(nameOf(address))?.equals(key) ?? true;
  }

  override async getIdentity(address: ProtocolAddress): Promise<PublicKey | null> {
    return this.#known.get(nameOf(address)) ?? null;
  }
}

/** Records by their number. */
class Numbered<T> {
  readonly #records = new Map<number, T>();

  put(id: number, record: T): void {
    this.#records.set(id, record);
  }

  get(id: number): T {
    const record = this.#records.get(id);
    if (record === undefined) throw new TypeError(`no record ${id}`);
    return record;
  }

  remove(id: number): void {
    this.#records.delete(id);
  }
}

export class MemoryPreKeys extends PreKeyStore {
  readonly #records = new Numbered<PreKeyRecord>();

  override async savePreKey(id: number, record: PreKeyRecord): Promise<void> {
    this.#records.put(id, record);
  }

  override async getPreKey(id: number): Promise<PreKeyRecord> {
    return this.#records.get(id);
  }

  override async removePreKey(id: number): Promise<void> {
    this.#records.remove(id);
  }
}

export class MemorySignedPreKeys extends SignedPreKeyStore {
  readonly #records = new Numbered<SignedPreKeyRecord>();

  override async saveSignedPreKey(id: number, record: SignedPreKeyRecord): Promise<void> {
    this.#records.put(id, record);
  }

  override async getSignedPreKey(id: number): Promise<SignedPreKeyRecord> {
    return this.#records.get(id);
  }
}

export class MemoryKyberPreKeys extends KyberPreKeyStore {
  readonly #records = new Numbered<KyberPreKeyRecord>();

  override async saveKyberPreKey(id: number, record: KyberPreKeyRecord): Promise<void> {
    this.#records.put(id, record);
  }

  override async getKyberPreKey(id: number): Promise<KyberPreKeyRecord> {
    return this.#records.get(id);
  }

  override async markKyberPreKeyUsed(): Promise<void> {
    // One of last resort: it stays, as ours does.
  }
}
