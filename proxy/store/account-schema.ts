// Tables of the proxy's own accounts. Columns named *_sealed hold sealed values
// (docs/protocol.md §3 "At rest"); the others are public or of use to nobody else.
import type { Migration } from './migrate.ts';

export const accountMigrations: readonly Migration[] = [
  {
    name: 'accounts',
    sql: `
      -- One value whose opening shows that the keystore is the one that sealed the rest.
      CREATE TABLE installation (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        check_sealed BLOB NOT NULL,
        transport_key_sealed BLOB
      ) STRICT;
      -- name: a bare JID, or a domain whose logins are relayed.
      CREATE TABLE accounts (
        name TEXT PRIMARY KEY
      ) STRICT;
      CREATE TABLE credentials (
        account TEXT PRIMARY KEY REFERENCES accounts (name) ON DELETE CASCADE,
        password_sealed BLOB,
        verifiers_sealed BLOB
      ) STRICT;
      CREATE TABLE identities (
        account TEXT PRIMARY KEY REFERENCES accounts (name) ON DELETE CASCADE,
        account_key BLOB NOT NULL,
        signing_key_sealed BLOB,
        recovery_entropy_sealed BLOB
      ) STRICT;
      CREATE TABLE devices (
        account TEXT PRIMARY KEY REFERENCES accounts (name) ON DELETE CASCADE,
        device_id BLOB NOT NULL,
        signing_key_sealed BLOB NOT NULL,
        agreement_key_sealed BLOB NOT NULL,
        certificate BLOB NOT NULL
      ) STRICT;
      CREATE TABLE registrations (
        account TEXT PRIMARY KEY REFERENCES accounts (name) ON DELETE CASCADE,
        state TEXT NOT NULL CHECK (state IN ('none', 'registered', 'pending')),
        device_list BLOB NOT NULL,
        list_version INTEGER NOT NULL,
        state_epoch INTEGER NOT NULL
      ) STRICT;
      -- The classic profile: keys of their own (§1).
      CREATE TABLE classic_identities (
        account TEXT PRIMARY KEY REFERENCES accounts (name) ON DELETE CASCADE,
        private_key_sealed BLOB NOT NULL,
        master_key_sealed BLOB
      ) STRICT;
    `,
  },
  {
    name: 'last logins',
    // Seconds since 1970.
    sql: 'ALTER TABLE accounts ADD COLUMN last_login INTEGER;',
  },
  {
    name: 'authorities',
    sql: `
      -- The certificate authorities of the client leg's TLS, and the server certificate that each gave last.
      CREATE TABLE authorities (
        id INTEGER PRIMARY KEY,
        certificate BLOB NOT NULL,
        private_key_sealed BLOB NOT NULL,
        leaf BLOB,
        leaf_key_sealed BLOB,
        CHECK ((leaf IS NULL) = (leaf_key_sealed IS NULL))
      ) STRICT;
    `,
  },
];
