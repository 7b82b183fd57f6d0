// One account as a backup: who one is, whom one trusts, what was said. Sessions,
// skipped keys and prekeys stay out: two machines must never go on in one
// session. A restored account begins new ones, in a higher epoch (§9.8).
import { SimppError } from '../../../shared/errors.ts';
import type { ScryptCost } from '../../keystore/passphrase.ts';
import type { AccountStore } from '../accounts.ts';
import { blob, integer, optionalBlob, text } from '../row.ts';
import type { Row } from '../sqlite.ts';
import { messageOf } from './archive.ts';
import { readBackup, writeBackup, type BackupRecord } from './backup-file.ts';
import { contactOf, deviceOf } from './contacts.ts';
import { oneOf } from './one-of.ts';
import { unsentOf } from './outbox.ts';
import { parsers, settingNames } from './settings.ts';
import type { EndToEndStore } from './store.ts';
import type { EndToEndStores } from './stores.ts';

const registrationStates = ['none', 'registered', 'pending'] as const;

/** What came back. */
export interface Restored {
  readonly jid: string;
  readonly contacts: number;
  readonly messages: number;
  readonly unsent: number;
}

/** The account under a passphrase; throws SimppError when it has no keys here. */
export async function exportAccount(
  accounts: AccountStore,
  store: EndToEndStore,
  passphrase: string,
  cost?: ScryptCost,
): Promise<Uint8Array> {
  const account = accountRecord(accounts, store);
  return writeBackup(allRecords(account, store), passphrase, cost);
}

/** Brings a backup back; throws SimppError('usage') when the account has keys here already, and then changes nothing. */
export async function importAccount(
  bytes: Uint8Array,
  passphrase: string,
  accounts: AccountStore,
  stores: EndToEndStores,
): Promise<Restored> {
  const [account, ...records] = await readBackup(bytes, passphrase);
  if (account === undefined || text(account, 'kind') !== 'account') {
    throw new SimppError('storage-failed', 'The backup does not begin with its account.');
  }
  const jid = text(account, 'jid');
  if (accounts.identity(jid) !== undefined) {
    throw new SimppError(
      'usage',
      `${jid} has keys on this machine already. Remove the account first if those of the backup are to take their place.`,
    );
  }
  const { database, beside } = stores.account(jid).epoch();
  const epoch = Math.max(integer(account, 'epoch'), integer(account, 'stateEpoch'), database, beside) + 1;
  // What an import that broke off has left behind.
  stores.remove(jid);
  const store = stores.account(jid);
  const counts = { contact: 0, device: 0, setting: 0, message: 0, unsent: 0 };
  for (const record of records) counts[restore(store, record)]++;
  store.raiseEpoch(epoch);
  // The identity comes last: while there is none, the import can be done again.
  restoreIdentity(accounts, jid, account, epoch);
  return { jid, contacts: counts.contact, messages: counts.message, unsent: counts.unsent };
}

function accountRecord(accounts: AccountStore, store: EndToEndStore): BackupRecord {
  const { jid } = store;
  const identity = accounts.identity(jid);
  const device = accounts.device(jid);
  const registration = accounts.registration(jid);
  if (identity === undefined || device === undefined || registration === undefined) {
    throw new SimppError('usage', `${jid} has no keys on this machine yet, so there is nothing to back up.`);
  }
  return {
    kind: 'account',
    jid,
    epoch: store.settings.get('epoch') ?? 0,
    accountKey: identity.accountKey,
    accountSigningKey: identity.signingKey,
    recoveryEntropy: identity.recoveryEntropy,
    ...device,
    ...registration,
  };
}

function* allRecords(account: BackupRecord, store: EndToEndStore): Generator<BackupRecord> {
  yield account;
  for (const name of settingNames) {
    const value = name === 'epoch' ? undefined : store.settings.get(name);
    if (value !== undefined) yield { kind: 'setting', name, value: String(value) };
  }
  for (const contact of store.contacts.all()) {
    yield { kind: 'contact', ...contact };
    for (const device of store.contacts.devices(contact.jid)) yield { kind: 'device', ...device };
  }
  for (const message of store.outbox.all()) yield { kind: 'unsent', ...message };
  for (const message of store.archive.stored()) yield { kind: 'message', ...message };
}

const kinds = ['setting', 'contact', 'device', 'unsent', 'message'] as const;

function restore(store: EndToEndStore, record: Row): (typeof kinds)[number] {
  const kind = oneOf(kinds, text(record, 'kind'));
  switch (kind) {
    case 'setting': {
      const name = oneOf(settingNames, text(record, 'name'));
      store.settings.put(name, parsers[name](text(record, 'value')));
      break;
    }
    case 'contact':
      store.contacts.put(contactOf(record));
      break;
    case 'device':
      store.contacts.putDevice(deviceOf(record));
      break;
    case 'unsent':
      store.outbox.add(unsentOf(record));
      break;
    case 'message':
      store.archive.restore(messageOf(record));
      break;
  }
  return kind;
}

function restoreIdentity(accounts: AccountStore, jid: string, account: Row, stateEpoch: number): void {
  accounts.transaction(() => {
    accounts.add(jid);
    accounts.putIdentity(jid, {
      accountKey: blob(account, 'accountKey'),
      signingKey: optionalBlob(account, 'accountSigningKey'),
      recoveryEntropy: optionalBlob(account, 'recoveryEntropy'),
    });
    accounts.putDevice(jid, {
      deviceId: blob(account, 'deviceId'),
      signingKey: blob(account, 'signingKey'),
      agreementKey: blob(account, 'agreementKey'),
      certificate: blob(account, 'certificate'),
    });
    accounts.putRegistration(jid, {
      state: oneOf(registrationStates, text(account, 'state')),
      deviceList: blob(account, 'deviceList'),
      listVersion: integer(account, 'listVersion'),
      stateEpoch,
    });
  });
}
