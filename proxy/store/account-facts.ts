// What may be said about the stored accounts: nothing here is sealed, so that
// it can be read without opening the keystore, also from a database that is
// open for reading only.

import { toHex } from '../../shared/bytes.ts';
import type { Crypto } from '../../shared/crypto/provider.ts';
import { fingerprintDigits, personFingerprint } from '../../shared/simpp/fingerprint.ts';
import type { AccountRegistration } from './accounts.ts';
import { integer, optionalBlob, optionalInteger, optionalText, text } from './row.ts';
import type { Row } from './sqlite.ts';

/** One account, named by its bare JID. */
export interface AccountFacts {
  readonly name: string;
  readonly hasPassword: boolean;
  /** Whether the gateway counts this device as the account's; absent while it has no keys. */
  readonly state?: AccountRegistration['state'] | undefined;
  /** The device's id in hexadecimal. */
  readonly device?: string | undefined;
  /** The person's fingerprint (docs/protocol.md §3): 60 digits. */
  readonly fingerprint?: string | undefined;
  /** Seconds since 1970. */
  readonly lastLogin?: number | undefined;
}

/** One row for each account; `accounts.*`, since older tables lack the last login. */
export const accountRowsSql = `
  SELECT accounts.*, credentials.password_sealed IS NOT NULL AS has_password,
         registrations.state, devices.device_id, identities.account_key
  FROM accounts
  LEFT JOIN credentials ON credentials.account = accounts.name
  LEFT JOIN registrations ON registrations.account = accounts.name
  LEFT JOIN devices ON devices.account = accounts.name
  LEFT JOIN identities ON identities.account = accounts.name
  ORDER BY accounts.name`;

/** What a row of `accountRowsSql` says. */
export function accountFacts(row: Row, crypto: Crypto): AccountFacts {
  const name = text(row, 'name');
  const state = optionalText(row, 'state');
  const device = optionalBlob(row, 'device_id');
  const key = optionalBlob(row, 'account_key');
  return {
    name,
    hasPassword: integer(row, 'has_password') === 1,
    // as: the table's CHECK allows no other value.
    state: state as AccountRegistration['state'] | undefined,
    device: device && toHex(device),
    fingerprint: key && fingerprintDigits(personFingerprint(crypto, name, key)),
    lastLogin: optionalInteger(row, 'last_login'),
  };
}
