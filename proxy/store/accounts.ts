// The proxy's accounts: what it needs to log in for a person and to be their
// device. Every secret is sealed before it reaches SQLite, each under its own
// place (docs/protocol.md §3 "At rest"). What the bytes mean is the caller's matter.
import { fromUtf8, utf8 } from '../../shared/bytes.ts';
import type { Crypto } from '../../shared/crypto/provider.ts';
import { SimppError } from '../../shared/errors.ts';
import { openColumn, sealColumn } from '../keystore/column.ts';
import { installationSecret, type KeystoreKey } from '../keystore/key.ts';
import { accountFacts, accountRowsSql, type AccountFacts } from './account-facts.ts';
import { accountMigrations } from './account-schema.ts';
import { AuthorityStore } from './authorities.ts';
import { migrate } from './migrate.ts';
import { blob, integer, optionalBlob, text } from './row.ts';
import { Database, type Row } from './sqlite.ts';

export interface Credentials {
  readonly password?: string | undefined;
  /** Encoded SCRAM verifiers of the client leg. */
  readonly verifiers?: Uint8Array | undefined;
}

export interface Identity {
  /** KU_A. */
  readonly accountKey: Uint8Array;
  /** KR_A; absent once it was erased. */
  readonly signingKey?: Uint8Array | undefined;
  readonly recoveryEntropy?: Uint8Array | undefined;
}

export interface DeviceKeys {
  readonly deviceId: Uint8Array;
  /** KR_Ds. */
  readonly signingKey: Uint8Array;
  /** KR_Dd. */
  readonly agreementKey: Uint8Array;
  readonly certificate: Uint8Array;
}

export interface AccountRegistration {
  readonly state: 'none' | 'registered' | 'pending';
  readonly deviceList: Uint8Array;
  readonly listVersion: number;
  readonly stateEpoch: number;
}

export interface ClassicIdentity {
  /** KR_A on P-224. */
  readonly privateKey: Uint8Array;
  /** K_A, once registered. */
  readonly masterKey?: Uint8Array | undefined;
}

type SealedTable = 'installation' | 'credentials' | 'identities' | 'devices' | 'classic_identities';

const checkText = utf8('simpp account store');
const installationRow = '1';

export class AccountStore {
  /** The certificate authorities of this installation. */
  readonly authorities: AuthorityStore;
  readonly #database: Database;
  readonly #key: KeystoreKey;

  private constructor(database: Database, key: KeystoreKey) {
    this.authorities = new AuthorityStore(database, key);
    this.#database = database;
    this.#key = key;
  }

  /** Opens or creates the database; throws SimppError('keystore-locked') when it was sealed under another keystore. */
  static open(path: string, key: KeystoreKey): AccountStore {
    const database = Database.open(path);
    try {
      migrate(database, accountMigrations);
      const store = new AccountStore(database, key);
      store.#checkKeystore();
      return store;
    } catch (error) {
      database.close();
      throw error;
    }
  }

  close(): void {
    this.#database.close();
  }

  /** A secret of this installation for one use, the same each time (docs/protocol.md §3 "At rest"). */
  secret(label: string): Uint8Array {
    return installationSecret(this.#key, label);
  }

  /** Several puts, all or none. */
  transaction<T>(body: () => T): T {
    return this.#database.transaction(body);
  }

  /** The accounts, each a bare JID or a domain, in order of their names. */
  names(): readonly string[] {
    return this.#database.all('SELECT name FROM accounts ORDER BY name').map((row) => text(row, 'name'));
  }

  has(name: string): boolean {
    return this.#database.get('SELECT 1 FROM accounts WHERE name = ?', name) !== undefined;
  }

  /** Adds an account; one that exists stays as it is. */
  add(name: string): void {
    this.#database.run('INSERT INTO accounts (name) VALUES (?) ON CONFLICT (name) DO NOTHING', name);
  }

  /** Removes an account with all its keys, from the disk too; false when there was none. */
  remove(name: string): boolean {
    const removed = this.#database.run('DELETE FROM accounts WHERE name = ?', name) > 0;
    if (removed) this.#database.scrub();
    return removed;
  }

  /** What may be said about each account, in order of their names. */
  facts(crypto: Crypto): AccountFacts[] {
    return this.#database.all(accountRowsSql).map((row) => accountFacts(row, crypto));
  }

  /** Keeps when an account last logged in; nothing happens when there is none of this name. */
  putLastLogin(name: string, seconds: number): void {
    this.#database.run('UPDATE accounts SET last_login = ? WHERE name = ?', seconds, name);
  }

  credentials(name: string): Credentials {
    const row = this.#row('credentials', name);
    if (row === undefined) return {};
    const password = this.#open('credentials', name, row, 'password_sealed');
    return {
      password: password && fromUtf8(password),
      verifiers: this.#open('credentials', name, row, 'verifiers_sealed'),
    };
  }

  /** Replaces password and verifiers; what is not given is gone, from the disk too. */
  putCredentials(name: string, { password, verifiers }: Credentials): void {
    this.#database.run(
      'REPLACE INTO credentials (account, password_sealed, verifiers_sealed) VALUES (?, ?, ?)',
      name,
      this.#seal('credentials', name, 'password_sealed', password === undefined ? undefined : utf8(password)),
      this.#seal('credentials', name, 'verifiers_sealed', verifiers),
    );
    this.#database.scrub();
  }

  identity(name: string): Identity | undefined {
    const row = this.#row('identities', name);
    return (
      row && {
        accountKey: blob(row, 'account_key'),
        signingKey: this.#open('identities', name, row, 'signing_key_sealed'),
        recoveryEntropy: this.#open('identities', name, row, 'recovery_entropy_sealed'),
      }
    );
  }

  /** Replaces the identity; without `signingKey` and `recoveryEntropy` they are erased, from the disk too (§3). */
  putIdentity(name: string, { accountKey, signingKey, recoveryEntropy }: Identity): void {
    this.#database.run(
      'REPLACE INTO identities (account, account_key, signing_key_sealed, recovery_entropy_sealed) VALUES (?, ?, ?, ?)',
      name,
      accountKey,
      this.#seal('identities', name, 'signing_key_sealed', signingKey),
      this.#seal('identities', name, 'recovery_entropy_sealed', recoveryEntropy),
    );
    this.#database.scrub();
  }

  device(name: string): DeviceKeys | undefined {
    const row = this.#row('devices', name);
    return (
      row && {
        deviceId: blob(row, 'device_id'),
        signingKey: this.#openPresent('devices', name, row, 'signing_key_sealed'),
        agreementKey: this.#openPresent('devices', name, row, 'agreement_key_sealed'),
        certificate: blob(row, 'certificate'),
      }
    );
  }

  putDevice(name: string, { deviceId, signingKey, agreementKey, certificate }: DeviceKeys): void {
    this.#database.run(
      'REPLACE INTO devices (account, device_id, signing_key_sealed, agreement_key_sealed, certificate) VALUES (?, ?, ?, ?, ?)',
      name,
      deviceId,
      this.#seal('devices', name, 'signing_key_sealed', signingKey),
      this.#seal('devices', name, 'agreement_key_sealed', agreementKey),
      certificate,
    );
  }

  registration(name: string): AccountRegistration | undefined {
    const row = this.#row('registrations', name);
    return (
      row && {
        // as: the table's CHECK allows no other value.
        state: text(row, 'state') as AccountRegistration['state'],
        deviceList: blob(row, 'device_list'),
        listVersion: integer(row, 'list_version'),
        stateEpoch: integer(row, 'state_epoch'),
      }
    );
  }

  putRegistration(name: string, { state, deviceList, listVersion, stateEpoch }: AccountRegistration): void {
    this.#database.run(
      'REPLACE INTO registrations (account, state, device_list, list_version, state_epoch) VALUES (?, ?, ?, ?, ?)',
      name,
      state,
      deviceList,
      listVersion,
      stateEpoch,
    );
  }

  classicIdentity(name: string): ClassicIdentity | undefined {
    const row = this.#row('classic_identities', name);
    return (
      row && {
        privateKey: this.#openPresent('classic_identities', name, row, 'private_key_sealed'),
        masterKey: this.#open('classic_identities', name, row, 'master_key_sealed'),
      }
    );
  }

  putClassicIdentity(name: string, { privateKey, masterKey }: ClassicIdentity): void {
    this.#database.run(
      'REPLACE INTO classic_identities (account, private_key_sealed, master_key_sealed) VALUES (?, ?, ?)',
      name,
      this.#seal('classic_identities', name, 'private_key_sealed', privateKey),
      this.#seal('classic_identities', name, 'master_key_sealed', masterKey),
    );
  }

  /** The key of guest channels: one per installation, tied to no account (transparency.md §2). */
  transportKey(): Uint8Array | undefined {
    const row = this.#database.get('SELECT transport_key_sealed FROM installation WHERE id = 1');
    return row && this.#open('installation', installationRow, row, 'transport_key_sealed');
  }

  putTransportKey(key: Uint8Array): void {
    this.#database.run(
      'UPDATE installation SET transport_key_sealed = ? WHERE id = 1',
      this.#seal('installation', installationRow, 'transport_key_sealed', key),
    );
  }

  /** Whatever else it holds, a database opens only under the keystore that made it. */
  #checkKeystore(): void {
    const row = this.#database.get('SELECT check_sealed FROM installation WHERE id = 1');
    if (row === undefined) {
      const sealed = this.#seal('installation', installationRow, 'check_sealed', checkText);
      this.#database.run('INSERT INTO installation (id, check_sealed) VALUES (1, ?)', sealed);
      return;
    }
    try {
      this.#open('installation', installationRow, row, 'check_sealed');
    } catch (error) {
      throw new SimppError(
        'keystore-locked',
        `The database ${this.#database.path} was sealed under another keystore than the one beside it. Restore both from the same backup.`,
        { cause: error },
      );
    }
  }

  #row(table: 'registrations' | Exclude<SealedTable, 'installation'>, account: string): Row | undefined {
    return this.#database.get(`SELECT * FROM ${table} WHERE account = ?`, account);
  }

  #seal(table: SealedTable, row: string, column: string, value: Uint8Array | undefined): Uint8Array | null {
    return value === undefined ? null : sealColumn(this.#key, { table, row, column }, value);
  }

  #open(table: SealedTable, account: string, row: Row, column: string): Uint8Array | undefined {
    const sealed = optionalBlob(row, column);
    return sealed && openColumn(this.#key, { table, row: account, column }, sealed);
  }

  #openPresent(table: SealedTable, account: string, row: Row, column: string): Uint8Array {
    return openColumn(this.#key, { table, row: account, column }, blob(row, column));
  }
}
