// Tables of end-to-end encryption. Each row is a record sealed whole (§3 "At
// rest"); in clear stand only the columns by which it is found or swept. Who one
// talks to is not among them: `contact` is a tag that only the keystore's key gives.
import type { Migration } from '../migrate.ts';

export const endToEndMigrations: readonly Migration[] = [
  {
    name: 'end to end',
    sql: `
      -- Opens only under the keystore that sealed the rest, and counts how often this database was opened.
      CREATE TABLE installation (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        sealed BLOB NOT NULL
      ) STRICT;
      CREATE TABLE accounts (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        jid TEXT NOT NULL UNIQUE,
        last_unsent INTEGER NOT NULL DEFAULT 0,
        -- The file was an older copy when it was opened, and the epoch was not raised since.
        is_overtaken INTEGER NOT NULL DEFAULT 0
      ) STRICT;
      CREATE TABLE settings (
        account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        sealed BLOB NOT NULL,
        PRIMARY KEY (account, name)
      ) STRICT;
      CREATE TABLE contacts (
        account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
        contact TEXT NOT NULL,
        sealed BLOB NOT NULL,
        PRIMARY KEY (account, contact)
      ) STRICT;
      CREATE TABLE devices (
        account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
        contact TEXT NOT NULL,
        device TEXT NOT NULL,
        sealed BLOB NOT NULL,
        PRIMARY KEY (account, contact, device)
      ) STRICT;
      CREATE TABLE sessions (
        account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
        session TEXT NOT NULL,
        contact TEXT NOT NULL,
        device TEXT NOT NULL,
        ended_at INTEGER,
        sealed BLOB NOT NULL,
        PRIMARY KEY (account, session)
      ) STRICT;
      CREATE INDEX sessions_live ON sessions (account, contact, device) WHERE ended_at IS NULL;
      CREATE TABLE skipped_keys (
        account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
        session TEXT NOT NULL,
        dh TEXT NOT NULL,
        number INTEGER NOT NULL,
        at INTEGER NOT NULL,
        sealed BLOB NOT NULL,
        PRIMARY KEY (account, session, dh, number)
      ) STRICT;
      CREATE TABLE own_prekeys (
        account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
        id INTEGER NOT NULL,
        sealed BLOB NOT NULL,
        PRIMARY KEY (account, id)
      ) STRICT;
      CREATE TABLE own_one_time_keys (
        account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
        id INTEGER NOT NULL,
        sealed BLOB NOT NULL,
        PRIMARY KEY (account, id)
      ) STRICT;
      CREATE TABLE archive (
        account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
        digest TEXT NOT NULL,
        contact TEXT NOT NULL,
        at INTEGER NOT NULL,
        sealed BLOB NOT NULL,
        PRIMARY KEY (account, digest)
      ) STRICT;
      CREATE INDEX archive_by_time ON archive (account, at);
      CREATE INDEX archive_by_contact ON archive (account, contact, at);
      CREATE TABLE unsent (
        account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        sealed BLOB NOT NULL,
        PRIMARY KEY (account, number)
      ) STRICT;
    `,
  },
];
