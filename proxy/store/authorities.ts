// The local authorities of the client leg's TLS, each with the server
// certificate that it gave last. Certificates are public, keys are sealed.
import type { Certified } from '../ca/authority.ts';
import { openColumn, sealColumn } from '../keystore/column.ts';
import type { KeystoreKey } from '../keystore/key.ts';
import { blob, integer, optionalBlob } from './row.ts';
import type { Database, Row } from './sqlite.ts';

/** An authority as it is kept. */
export interface StoredAuthority extends Certified {
  readonly id: number;
  /** What it gave last, if anything. */
  readonly leaf: Certified | undefined;
}

export class AuthorityStore {
  readonly #database: Database;
  readonly #key: KeystoreKey;

  constructor(database: Database, key: KeystoreKey) {
    this.#database = database;
    this.#key = key;
  }

  /** All, the oldest first. */
  all(): readonly StoredAuthority[] {
    return this.#database.all('SELECT * FROM authorities ORDER BY id').map((row) => this.#read(row));
  }

  add({ certificate, privateKey }: Certified): StoredAuthority {
    return this.#database.transaction(() => {
      const row = this.#database.get('SELECT COALESCE(MAX(id), 0) + 1 AS id FROM authorities');
      const id = integer(row ?? {}, 'id');
      this.#database.run(
        'INSERT INTO authorities (id, certificate, private_key_sealed) VALUES (?, ?, ?)',
        id,
        certificate,
        this.#seal(id, 'private_key_sealed', privateKey),
      );
      return { id, certificate, privateKey, leaf: undefined };
    });
  }

  /** Replaces what it gave last. */
  putLeaf(id: number, { certificate, privateKey }: Certified): void {
    this.#database.run(
      'UPDATE authorities SET leaf = ?, leaf_key_sealed = ? WHERE id = ?',
      certificate,
      this.#seal(id, 'leaf_key_sealed', privateKey),
      id,
    );
  }

  #read(row: Row): StoredAuthority {
    const id = integer(row, 'id');
    const leaf = optionalBlob(row, 'leaf');
    return {
      id,
      certificate: blob(row, 'certificate'),
      privateKey: this.#open(id, 'private_key_sealed', blob(row, 'private_key_sealed')),
      leaf: leaf && {
        certificate: leaf,
        privateKey: this.#open(id, 'leaf_key_sealed', blob(row, 'leaf_key_sealed')),
      },
    };
  }

  #seal(id: number, column: string, value: Uint8Array): Uint8Array {
    return sealColumn(this.#key, { table: 'authorities', row: String(id), column }, value);
  }

  #open(id: number, column: string, sealed: Uint8Array): Uint8Array {
    return openColumn(this.#key, { table: 'authorities', row: String(id), column }, sealed);
  }
}
